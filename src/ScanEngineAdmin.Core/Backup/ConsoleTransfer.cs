using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Backup;

/// <summary>
/// Takes a console out into one sealed file while it runs, and puts one in. Both are all or nothing: what was not
/// finished has not happened.
/// </summary>
internal static class ConsoleTransfer
{
    /// <summary>Shorter ones are guessed sooner than the key they protect is worth.</summary>
    public const int LeastPassphrase = 12;

    /// <summary>What the file says of itself; nothing of it is proved without the passphrase.</summary>
    /// <exception cref="ScanEngineException">ExportInvalid, StoreNewer, DataFolderNotWritable.</exception>
    public static async Task<ConsoleExport> DescribeAsync(string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            FileStream file = Open(path);
            await using (file.ConfigureAwait(false))
            {
                (ExportHeader header, _) = await ExportHeader.ReadAsync(file, path, cancellationToken)
                    .ConfigureAwait(false);
                return header.Describe(path, file.Length);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ExportFaults.Disk(path, e);
        }
    }

    /// <summary>Writes the console as it is at one moment. It may run, and goes on.</summary>
    /// <exception cref="ScanEngineException">ExportExists, OptionInvalid, StoreLocked, StoreFull, the store's, the
    /// key's.</exception>
    public static Task<ConsoleExport> ExportAsync(
        ConsoleAdmin console,
        ExportRequest request,
        Action<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(request);
        return ConsoleExporter.RunAsync(console, request, progress ?? (_ => { }), cancellationToken);
    }

    /// <summary>What <see cref="ExportAsync"/> would refuse as things stand; writes nothing.</summary>
    /// <exception cref="ScanEngineException">ExportExists, OptionInvalid.</exception>
    public static void CheckExport(DataFolder folder, ExportRequest request)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(request);
        ConsoleExporter.Check(folder, request);
    }

    /// <summary>
    /// What <see cref="ImportAsync"/> would refuse as things stand, without its passphrase; writes nothing.
    /// </summary>
    /// <exception cref="ScanEngineException">ExportInvalid, ConsoleExists, ConsoleAlreadyRunning.</exception>
    public static void CheckImport(
        DataFolder folder, IStoreProvider stores, ImportRequest request, ConsoleExport described)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(described);
        new ConsoleImporter(folder, stores, request, _ => { }, TimeProvider.System).Check(described);
    }

    /// <summary>Puts an export into a data folder on which no console runs.</summary>
    /// <exception cref="ScanEngineException">ExportInvalid, ExportPassphraseWrong, ConsoleExists,
    /// ConsoleAlreadyRunning, StoreNewer, StoreFull, StoreLocked, DataFolderNotWritable.</exception>
    public static Task<ConsoleExport> ImportAsync(
        DataFolder folder,
        IStoreProvider stores,
        ImportRequest request,
        Action<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentNullException.ThrowIfNull(request);
        return new ConsoleImporter(folder, stores, request, progress ?? (_ => { }), TimeProvider.System)
            .RunAsync(cancellationToken);
    }

    internal static FileStream Open(string path)
    {
        try
        {
            return new FileStream(OwnFile.Open(path, write: false, follow: true), FileAccess.Read);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw ExportFaults.Invalid(path, "there is no such file");
        }
        catch (IOException e)
        {
            throw ExportFaults.Invalid(path, e.Message);
        }
    }
}
