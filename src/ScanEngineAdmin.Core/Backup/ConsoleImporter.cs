using System.Globalization;
using System.Security.Cryptography;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Backup;

/// <summary>
/// Reads an export into a folder beside what is there, proves all of it, and only then puts it in its place. Until that
/// moment nothing was changed, and from it on it will be finished, by whoever opens the folder.
/// </summary>
internal sealed class ConsoleImporter(
    DataFolder root,
    IStoreProvider stores,
    ImportRequest request,
    Action<TransferProgress> progress,
    TimeProvider time)
{
    private readonly string _path = Path.GetFullPath(request.Path);

    /// <summary>Called between any two steps that are seen on the disk; a test may end the world there.</summary>
    public Action<string> Step { get; init; } = _ => { };

    public async Task<ConsoleExport> RunAsync(CancellationToken cancellationToken)
    {
        bool made = !Directory.Exists(root.Console);
        try
        {
            // First what cannot be: nothing is made for an import that is refused.
            FolderAccess.RequireOwner(root.Console);
            ConsoleExport export = await ConsoleTransfer.DescribeAsync(_path, cancellationToken).ConfigureAwait(false);
            string folder = root.EnsureConsole();
            using FolderLock running = FolderLock.TryTake(folder)
                ?? throw NodeFaults.AlreadyRunning(FaultCode.ConsoleAlreadyRunning, folder, null);
            using var under = TransferFolder.Take(folder);
            CheckPlace(export, folder);
            Step("begun");
            await ReadAsync(export, under.Path, cancellationToken).ConfigureAwait(false);
            Step("read");
            Prove(export, under.Path);
            Step("proved");
            cancellationToken.ThrowIfCancellationRequested();

            // Nobody makes or replaces keys from here on: what a session has put there since goes with the rest.
            using FolderLock keys = IdentityFile.Take(folder);
            IReadOnlyList<string> old = CheckPlace(export, folder);
            string now = time.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture);
            string? keep = old.Count == 0 ? null : Path.Combine(folder, $"before-import-{now}");
            FolderSwap.Run(folder, under.Path, keep, old, Step);
            made = false;
            return export with { KeptPath = keep };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ExportFaults.Disk(root.Console, e);
        }
        finally
        {
            if (made)
            {
                Unmake();
            }
        }
    }

    /// <summary>What cannot be, as things stand; makes nothing.</summary>
    public void Check(ConsoleExport export)
    {
        if (FolderLock.IsHeld(root.Console))
        {
            throw NodeFaults.AlreadyRunning(FaultCode.ConsoleAlreadyRunning, root.Console, null);
        }

        CheckPlace(export, root.Console);
    }

    /// <summary>The files that it would replace.</summary>
    private IReadOnlyList<string> CheckPlace(ConsoleExport export, string folder)
    {
        if (!export.HasIdentity)
        {
            // By its id: its certificate may have been replaced since; then the folder's is the one that peers know.
            Fingerprint here = IdentityFile.ReadFingerprint(folder);
            if (here.IsEmpty || IdentityFile.ReadId(folder) != export.ConsoleId)
            {
                string why = here.IsEmpty ? "there is none in the folder" : $"the folder's is another one: {here}";
                throw ExportFaults.NoIdentity(_path, folder, why);
            }
        }

        IReadOnlyList<string> old = FolderSwap.Replaced(folder, export.HasIdentity);
        return old.Count == 0 || request.Force ? old : throw ExportFaults.ConsoleExists(folder);
    }

    private async Task ReadAsync(ConsoleExport export, string under, CancellationToken cancellationToken)
    {
        FileStream file = ConsoleTransfer.Open(_path);
        await using (file.ConfigureAwait(false))
        {
            (ExportHeader header, byte[] head) = await ExportHeader.ReadAsync(file, _path, cancellationToken)
                .ConfigureAwait(false);
            if (header.HasIdentity != export.HasIdentity || header.NodeId != export.ConsoleId)
            {
                throw ExportFaults.Invalid(_path, "it was changed while it was read");
            }

            byte[] key = header.Key(request.Passphrase.Span);
            try
            {
                using var opening = new SealedReader(file, _path, key, head);
                var entries = new ExportEntries(opening, _path, under, header.HasIdentity);
                await entries.ReadAsync(
                    bytes => progress(new TransferProgress("Reading the export", (double)bytes / export.Length)),
                    cancellationToken).ConfigureAwait(false);
                await opening.EndAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(key);
            }
        }
    }

    /// <summary>All of it holds together; then it is made this host's.</summary>
    private void Prove(ConsoleExport export, string under)
    {
        progress(new TransferProgress("Checking the store", 0));
        if (export.HasIdentity)
        {
            ProveIdentity(export, under);
        }

        try
        {
            using IConsoleStore store = stores.OpenConsole(under);
            store.Check();
            ConsoleGeneration.Begin(store, time.GetUtcNow(), request.LaterThan);
            store.UpdateNode(node => node with { EndPoint = null, LastError = null, ProcessId = 0 });
            store.AddEvent(new AuditEvent
            {
                Time = time.GetUtcNow(),
                Class = AuditClass.Admin,
                Event = Events.ConsoleImported,
                Subject = export.MachineName,
                Actor = $"{Environment.UserName}@{Environment.MachineName}",
                Detail = $"exported {export.Created:u} on {export.MachineName}, version {export.Product}",
            });
        }
        catch (ScanEngineException e) when (e.Code == FaultCode.StoreNewer)
        {
            throw ExportFaults.Newer(_path, e.Message);
        }
        catch (ScanEngineException e) when (e.Code == FaultCode.StoreDamaged)
        {
            throw ExportFaults.Invalid(_path, e.Message, e);
        }
    }

    private void ProveIdentity(ConsoleExport export, string under)
    {
        try
        {
            (Guid id, NodeIdentity identity) = IdentityFile.LoadOrCreate(under, time);
            using (identity)
            {
                if (id != export.ConsoleId || identity.Fingerprint != export.Fingerprint)
                {
                    throw ExportFaults.Invalid(_path, "its identity is not the one its head names");
                }
            }
        }
        catch (ScanEngineException e) when (e.Code == FaultCode.KeyDamaged)
        {
            throw ExportFaults.Invalid(_path, e.Message, e);
        }
    }

    /// <summary>A folder that this import made for nothing.</summary>
    private void Unmake()
    {
        try
        {
            foreach (string file in Directory.GetFiles(root.Console, "*lock"))
            {
                File.Delete(file);
            }

            Directory.Delete(root.Console);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else has put something there.
        }
    }
}
