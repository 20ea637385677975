using System.Management.Automation;
using System.Runtime.InteropServices;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using ScanEngineAdmin.Core.Backup;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that takes a console out into a file, or puts one in.</summary>
public abstract class TransferCommand : ConsoleCommand
{
    // Any number that is no other bar's of the same cmdlet.
    private const int Bar = 1;

    /// <summary>
    /// <para>The file.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>
    /// <para>The passphrase that seals the file. It is asked for when it is not given, and is a SecureString only: a
    /// command line is seen by every user of the host, and kept.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    [Passphrase]
    public SecureString? Passphrase { get; set; }

    /// <summary>The full path; it may be relative to PowerShell's location, which is not the process's.</summary>
    private protected string FilePath() => FilePath(Path);

    /// <summary>Does it with the passphrase's bytes, which are wiped afterwards.</summary>
    private protected void WithPassphrase(Action<ReadOnlyMemory<byte>> work)
    {
        byte[] passphrase = Bytes(Passphrase!);
        try
        {
            work(passphrase);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(passphrase);
        }
    }

    /// <summary>Runs it with the passphrase's bytes, which are wiped afterwards, and shows how far it is.</summary>
    private protected ConsoleExport Transfer(
        string activity,
        Func<ReadOnlyMemory<byte>, Action<TransferProgress>, CancellationToken, Task<ConsoleExport>> work)
    {
        byte[] passphrase = Bytes(Passphrase!);
        try
        {
            return Await(async (writer, token) =>
            {
                int shown = -1;
                ConsoleExport export = await work(
                    passphrase,
                    progress =>
                    {
                        int percent = (int)(progress.Share * 100);
                        if (Interlocked.Exchange(ref shown, percent) != percent)
                        {
                            var bar = new ProgressRecord(Bar, activity, progress.Step) { PercentComplete = percent };
                            writer.Progress(bar);
                        }
                    },
                    token).ConfigureAwait(false);
                var done = new ProgressRecord(Bar, activity, "done") { RecordType = ProgressRecordType.Completed };
                writer.Progress(done);
                return export;
            });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(passphrase);
        }
    }

    private static byte[] Bytes(SecureString text)
    {
        nint copy = Marshal.SecureStringToGlobalAllocUnicode(text);
        char[] characters = new char[text.Length];
        try
        {
            Marshal.Copy(copy, characters, 0, characters.Length);
            return Encoding.UTF8.GetBytes(characters);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(copy);
            Array.Clear(characters);
        }
    }
}
