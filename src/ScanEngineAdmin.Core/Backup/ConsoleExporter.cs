using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Backup;

/// <summary>Writes an export: a copy of the store beside it, then all of it sealed, then the name.</summary>
internal static class ConsoleExporter
{
    private const int ReadBytes = 64 * 1024;

    /// <summary>What cannot be, before anything is written; the full path if it can.</summary>
    public static string Check(DataFolder folder, ExportRequest request)
    {
        if (Encoding.UTF8.GetCharCount(request.Passphrase.Span) < ConsoleTransfer.LeastPassphrase)
        {
            throw ExportFaults.Passphrase(ConsoleTransfer.LeastPassphrase);
        }

        string path = Path.GetFullPath(request.Path);
        if (LiesIn(path, folder.Console))
        {
            throw ExportFaults.Inside(path);
        }

        if (Directory.Exists(path) || !Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw ExportFaults.NoPlace(path);
        }

        return request.Force || !File.Exists(path) ? path : throw ExportFaults.Exists(path);
    }

    public static async Task<ConsoleExport> RunAsync(
        ConsoleAdmin console,
        ExportRequest request,
        Action<TransferProgress> progress,
        CancellationToken cancellationToken)
    {
        string path = Check(console.Folder, request);
        string part = $"{path}.{Guid.NewGuid():N}.part";
        OwnerRights? rights = OwnerRights.OfFile(path);
        try
        {
            using var under = TransferFolder.Take(console.Folder.Console);
            string copy = Path.Combine(under.Path, NodeFileNames.Store);
            console.Store.CopyTo(
                copy, share => progress(new TransferProgress("Copying the store", share)), cancellationToken);

            ConsoleExport written = await SealAsync(
                console, request, copy, part, () => OwnerRights.With(rights, () => TransferFolder.CreateOwn(part)), progress,
                cancellationToken)
                .ConfigureAwait(false);
            try
            {
                OwnerRights.With(rights, () =>
                {
                    OwnFile.Move(part, path, request.Force);
                    return true;
                });
            }
            catch (IOException) when (!request.Force && File.Exists(path))
            {
                throw ExportFaults.Exists(path);
            }

            console.Note(Events.ConsoleExported, written.HasIdentity ? path : $"{path}, without the identity");
            return written with { Path = path };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ExportFaults.Disk(path, e);
        }
        finally
        {
            OwnerRights.With(rights, () => Forget(part));
        }
    }

    /// <summary>There the store, the key or the plan of an import would be replaced by a name alike.</summary>
    private static bool LiesIn(string path, string folder)
    {
        static string Real(string directory) => Path.TrimEndingDirectorySeparator(
            Directory.ResolveLinkTarget(directory, returnFinalTarget: true)?.FullName ?? directory)
                + Path.DirectorySeparatorChar;
        string parent = Path.GetDirectoryName(path) ?? path;
        return Directory.Exists(parent) && Real(parent).StartsWith(
            Real(folder), OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
    }

    private static async Task<ConsoleExport> SealAsync(
        ConsoleAdmin console,
        ExportRequest request,
        string copy,
        string part,
        Func<FileStream> create,
        Action<TransferProgress> progress,
        CancellationToken cancellationToken)
    {
        (Guid id, Fingerprint fingerprint, IReadOnlyList<(string Name, byte[] Content)> identity) =
            IdentityFile.Read(console.Folder.Console, TimeProvider.System);
        var header = ExportHeader.Of(id, fingerprint, !request.WithoutIdentity, TimeProvider.System.GetUtcNow());
        byte[] head = header.ToBytes();
        byte[] key = header.Key(request.Passphrase.Span);
        try
        {
            FileStream file = create();
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(head, cancellationToken).ConfigureAwait(false);
                using var sealing = new SealedWriter(file, key, head);
                foreach ((string name, byte[] content) in request.WithoutIdentity ? [] : identity)
                {
                    await BeginAsync(sealing, name, content.Length, cancellationToken).ConfigureAwait(false);
                    await sealing.WriteAsync(content, cancellationToken).ConfigureAwait(false);
                }

                await CopyAsync(sealing, copy, progress, cancellationToken).ConfigureAwait(false);
                await sealing.WriteAsync(new byte[1], cancellationToken).ConfigureAwait(false);
                await sealing.FinishAsync(cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
                return header.Describe(part, file.Length);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            foreach ((string _, byte[] content) in identity)
            {
                CryptographicOperations.ZeroMemory(content);
            }
        }
    }

    private static async Task CopyAsync(
        SealedWriter sealing, string copy, Action<TransferProgress> progress, CancellationToken cancellationToken)
    {
        FileStream store = ConsoleTransfer.Open(copy);
        await using (store.ConfigureAwait(false))
        {
            long length = store.Length;
            await BeginAsync(sealing, NodeFileNames.Store, length, cancellationToken).ConfigureAwait(false);
            byte[] buffer = new byte[ReadBytes];
            for (int read; (read = await store.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                await sealing.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                progress(new TransferProgress("Writing the export", (double)store.Position / length));
            }
        }
    }

    /// <summary>An entry: the length of its name, its name, its length, and then its bytes.</summary>
    internal static ValueTask BeginAsync(
        SealedWriter sealing, string name, long length, CancellationToken cancellationToken)
    {
        byte[] entry = new byte[1 + name.Length + sizeof(long)];
        entry[0] = (byte)name.Length;
        Encoding.ASCII.GetBytes(name, entry.AsSpan(1));
        BinaryPrimitives.WriteInt64BigEndian(entry.AsSpan(1 + name.Length), length);
        return sealing.WriteAsync(entry, cancellationToken);
    }

    private static bool Forget(string part)
    {
        try
        {
            File.Delete(part);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its folder is gone, or was never there; what was the matter has been said.
            return false;
        }
    }
}
