using System.Buffers.Binary;
using System.Text;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Backup;

/// <summary>
/// The entries of an export, written as files. Only names that are known become files, each once: an export that
/// somebody made with a passphrase of his own is still only data.
/// </summary>
internal sealed class ExportEntries(SealedReader opening, string path, string under, bool withIdentity)
{
    private const int LargestPart = 64 * 1024;
    private const int LongestName = 64;
    private const int ReadBytes = 64 * 1024;

    private readonly HashSet<string> _names = [];
    private long _bytes;

    public async Task ReadAsync(Action<long> progress, CancellationToken cancellationToken)
    {
        byte[] one = new byte[1];
        while (true)
        {
            await opening.ReadAsync(one, cancellationToken).ConfigureAwait(false);
            if (one[0] == 0)
            {
                break;
            }

            await ReadEntryAsync(one[0], progress, cancellationToken).ConfigureAwait(false);
        }

        if (!_names.Contains(NodeFileNames.Store) || withIdentity != _names.Any(NodeFileNames.IsIdentity))
        {
            throw ExportFaults.Invalid(path, "a part of it is missing");
        }
    }

    private async Task ReadEntryAsync(int nameLength, Action<long> progress, CancellationToken cancellationToken)
    {
        if (nameLength > LongestName)
        {
            throw Unknown();
        }

        byte[] start = new byte[nameLength + sizeof(long)];
        await opening.ReadAsync(start, cancellationToken).ConfigureAwait(false);
        string name = Encoding.ASCII.GetString(start, 0, nameLength);
        long length = BinaryPrimitives.ReadInt64BigEndian(start.AsSpan(nameLength));
        bool part = withIdentity && NodeFileNames.IsIdentity(name);
        if ((!part && name != NodeFileNames.Store) || length < 0 || (part && length > LargestPart)
            || !_names.Add(name))
        {
            throw Unknown();
        }

        FileStream file = TransferFolder.CreateOwn(Path.Combine(under, name));
        await using (file.ConfigureAwait(false))
        {
            byte[] buffer = new byte[ReadBytes];
            for (long left = length; left > 0;)
            {
                int taken = await opening
                    .ReadSomeAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken)
                    .ConfigureAwait(false);
                await file.WriteAsync(buffer.AsMemory(0, taken), cancellationToken).ConfigureAwait(false);
                left -= taken;
                progress(_bytes += taken);
            }

            file.Flush(flushToDisk: true);
        }
    }

    private ScanEngineException Unknown() => ExportFaults.Invalid(path, "it holds something that belongs in no export");
}
