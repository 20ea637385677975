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

    /// <summary>
    /// <para>Does it in the background and returns a job: Receive-Job takes what would be returned, Stop-Job gives it up,
    /// and nothing is changed. The passphrase and a confirmation are asked for before.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

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

    /// <summary>
    /// Runs it with the passphrase's bytes, which are wiped afterwards, shows how far it is, and returns what was exported;
    /// with -AsJob in the background.
    /// </summary>
    private protected void Transfer(
        string activity,
        Func<ReadOnlyMemory<byte>, Action<TransferProgress>, CancellationToken, Task<ConsoleExport>> work)
    {
        byte[] passphrase = Bytes(Passphrase!);
        string root = Folder.Root;
        async Task RunAsync(PipelineWriter writer, CancellationToken cancellationToken)
        {
            try
            {
                ConsoleExport export = await work(passphrase, Bars(activity, writer), cancellationToken).ConfigureAwait(false);
                writer.Progress(new ProgressRecord(Bar, activity, "done") { RecordType = ProgressRecordType.Completed });
                writer.Object(new SecurityConsoleExport(export, root));
            }
            finally
            {
                CryptographicOperations.ZeroMemory(passphrase);
            }
        }

        if (AsJob)
        {
            StartJob(root, RunAsync);
            return;
        }

        Await(async (writer, token) =>
        {
            await RunAsync(writer, token).ConfigureAwait(false);
            return true;
        });
    }

    private static Action<TransferProgress> Bars(string activity, PipelineWriter writer)
    {
        int shown = -1;
        return progress =>
        {
            int percent = (int)(progress.Share * 100);
            if (Interlocked.Exchange(ref shown, percent) != percent)
            {
                writer.Progress(new ProgressRecord(Bar, activity, progress.Step) { PercentComplete = percent });
            }
        };
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
