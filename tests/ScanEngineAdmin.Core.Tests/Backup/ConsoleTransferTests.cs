using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Tests.Backup;

/// <summary>A console goes into one file and comes out whole, or not at all.</summary>
public sealed class ConsoleTransferTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ExportHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task An_imported_console_has_the_identity_and_the_engines_and_is_a_later_copy()
    {
        ConsoleExport export = await _host.ExportAsync();
        ConsoleExport import = await _host.ImportAsync();

        Assert.Equal((_host.ConsoleId, _host.Fingerprint), (export.ConsoleId, export.Fingerprint));
        Assert.True(export.HasIdentity);
        Assert.Null(import.KeptPath);
        Assert.Equal("lab-1", _host.Engines(_host.Target));
        (Guid id, NodeIdentity identity) = IdentityFile.LoadOrCreate(_host.Target.Console, TimeProvider.System);
        using (identity)
        {
            Assert.Equal((_host.ConsoleId, _host.Fingerprint), (id, identity.Fingerprint));
        }

        using var target = ConsoleAdmin.Open(_host.Target, _host.Stores);
        Assert.True(ConsoleGeneration.Read(target.Store) > ConsoleGeneration.Read(_host.Console.Store));
        Assert.Contains(target.Store.ListEvents(5), entry => entry.Event == "ConsoleImported");
        Assert.Contains(_host.Console.Store.ListEvents(5), entry => entry.Event == "ConsoleExported");
    }

    [Fact]
    public async Task The_file_and_all_it_becomes_are_their_owners_only_and_show_nothing()
    {
        await _host.ExportAsync();
        await _host.ImportAsync();

        string text = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(_host.File));
        Assert.DoesNotContain("PRIVATE KEY", text, StringComparison.Ordinal);
        Assert.DoesNotContain("lab-1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("SQLite", text, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            foreach (string path in Directory.GetFiles(_host.Target.Console).Append(_host.File))
            {
                Assert.Equal(Owner, File.GetUnixFileMode(path));
            }
        }

        Assert.Empty(Directory.GetDirectories(_host.Source.Console));
        Assert.Empty(Directory.GetDirectories(_host.Target.Console));
    }

    [Fact]
    public async Task What_is_written_during_the_copy_is_in_it_whole_or_not_at_all()
    {
        using var stop = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        Task writer = Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                _host.Console.RegisterEngine($"busy-{i}", "192.0.2.2", 40814, null);
                begun.TrySetResult();
            }
        });
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(3));
        await _host.ExportAsync();
        await stop.CancelAsync();
        await writer.WaitAsync(TimeSpan.FromMinutes(3));

        await _host.ImportAsync();
        string[] names = _host.Engines(_host.Target).Split(' ');
        IEnumerable<string> busy = Enumerable.Range(0, names.Length - 1).Select(i => $"busy-{i}");
        Assert.Equal(busy.Append("lab-1").Order(), names.Order());
        Assert.True(names.Length > 1);
    }

    [Fact]
    public async Task A_console_that_is_there_stays_unless_it_is_to_be_replaced_and_then_it_is_kept()
    {
        await _host.ExportAsync();
        await ExportHost.FailsAsync(FaultCode.ExportExists, () => _host.ExportAsync());
        await _host.ExportAsync(force: true);
        using (var other = ConsoleAdmin.Open(_host.Target, _host.Stores))
        {
            other.RegisterEngine("other", "192.0.2.9", 40814, null);
        }

        await ExportHost.FailsAsync(FaultCode.ConsoleExists, () => _host.ImportAsync());
        Assert.Equal("other", _host.Engines(_host.Target));

        ConsoleExport import = await _host.ImportAsync(force: true);
        Assert.Equal("lab-1", _host.Engines(_host.Target));
        Assert.True(File.Exists(Path.Combine(import.KeptPath!, "store.db")));
    }

    [Fact]
    public async Task Nothing_is_imported_under_a_console_that_runs()
    {
        await _host.ExportAsync();
        using FolderLock running = FolderLock.TryTake(_host.Target.EnsureConsole())!;
        await ExportHost.FailsAsync(FaultCode.ConsoleAlreadyRunning, () => _host.ImportAsync(force: true));
        Assert.False(File.Exists(Path.Combine(_host.Target.Console, "store.db")));
    }

    [Fact]
    public async Task Without_its_identity_it_goes_only_where_that_identity_is()
    {
        Assert.False((await _host.ExportAsync(withoutIdentity: true)).HasIdentity);
        await ExportHost.FailsAsync(FaultCode.ExportInvalid, () => _host.ImportAsync());
        Assert.False(Directory.Exists(_host.Target.Console));

        IdentityFile.LoadOrCreate(_host.Target.EnsureConsole(), TimeProvider.System).Identity.Dispose();
        ScanEngineException another = await ExportHost.FailsAsync(
            FaultCode.ExportInvalid, () => _host.ImportAsync(force: true));
        Assert.Contains("another", another.Message, StringComparison.Ordinal);

        _host.Console.RegisterEngine("after", "192.0.2.3", 40814, null);
        // Windows lets nobody replace a store that a session has open.
        _host.Console.Dispose();
        await _host.ImportAsync(_host.Source, force: true);
        Assert.Equal("lab-1", _host.Engines(_host.Source));
        Assert.Equal(_host.Fingerprint, IdentityFile.ReadFingerprint(_host.Source.Console));
    }

    [Fact]
    public async Task A_wrong_or_short_passphrase_is_refused()
    {
        await _host.ExportAsync();
        ScanEngineException wrong = await ExportHost.FailsAsync(FaultCode.ExportPassphraseWrong, () =>
            ConsoleTransfer.ImportAsync(
                _host.Target,
                _host.Stores,
                new ImportRequest(_host.File, "correct horse batterY"u8.ToArray(), Force: false),
                null,
                CancellationToken.None));
        Assert.Equal(_host.File, wrong.Target);
        Assert.False(Directory.Exists(_host.Target.Console));
        await ExportHost.FailsAsync(FaultCode.OptionInvalid, () => ConsoleTransfer.ExportAsync(
            _host.Console,
            new ExportRequest(_host.Below("short"), "elevenchars"u8.ToArray()),
            null,
            CancellationToken.None));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Cancelled_it_leaves_nothing_behind()
    {
        foreach (string step in new[] { "Copying the store", "Writing the export" })
        {
            using var stop = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ConsoleTransfer.ExportAsync(
                _host.Console,
                new ExportRequest(_host.File, ExportHost.Passphrase),
                progress =>
                {
                    if (progress.Step == step)
                    {
                        stop.Cancel();
                    }
                },
                stop.Token));
            Assert.Equal(["source"], Directory.GetFileSystemEntries(_host.Below(".")).Select(Path.GetFileName));
            Assert.Empty(Directory.GetDirectories(_host.Source.Console));
        }

        await _host.ExportAsync();
        foreach (string step in new[] { "Reading the export", "Checking the store" })
        {
            using var stop = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ConsoleTransfer.ImportAsync(
                _host.Target,
                _host.Stores,
                new ImportRequest(_host.File, ExportHost.Passphrase, Force: false),
                progress =>
                {
                    if (progress.Step == step)
                    {
                        stop.Cancel();
                    }
                },
                stop.Token));
            Assert.False(Directory.Exists(_host.Target.Console));
        }
    }
}
