using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Tests.Certificates;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Backup;

/// <summary>A console is exported while its certificate is being replaced, and lives on from the export.</summary>
[Trait("Speed", "Slow")]
public sealed class ExportDuringRotationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_is_exported_when_prepared_goes_on_from_there(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        var rotation = new Rotation(pair, NodeRole.Console);
        Fingerprint old = rotation.Running;
        Fingerprint next = (await rotation.PreparedAsync()).New!.Value;
        await ExportAsync(pair);

        await MoveAsync(pair);

        Assert.True(File.Exists(Path.Combine(rotation.Folder, "next.key")));
        Assert.Equal((CertificatePhase.Prepared, old), (rotation.Client.Describe().Phase, rotation.Running));
        await rotation.WellAsync();
        await rotation.SwitchedAsync();
        await FinishedAsync(pair, rotation, next);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_is_exported_when_switched_goes_on_from_there(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        var rotation = new Rotation(pair, NodeRole.Console);
        Fingerprint next = (await rotation.SwitchedAsync()).New!.Value;
        await ExportAsync(pair);

        await MoveAsync(pair);

        Assert.Equal((CertificatePhase.Switched, next), (rotation.Client.Describe().Phase, rotation.Running));
        await rotation.WellAsync();
        await FinishedAsync(pair, rotation, next);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task After_the_replacement_was_finished_an_export_of_its_preparation_is_healed_by_the_switch(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        var rotation = new Rotation(pair, NodeRole.Console);
        await rotation.PreparedAsync();
        await ExportAsync(pair);
        Fingerprint next = (await rotation.SwitchedAsync()).New!.Value;
        rotation.Client.Finish();
        await rotation.SettledAsync();
        Assert.Equal([next], rotation.Pins);

        await MoveAsync(pair);
        if (way == CommunicationDirection.ConsoleToEngine)
        {
            await pair.UntilConsoleAsync(
                now => now.StatusDetail.Contains("IdentityConflict", StringComparison.Ordinal));
        }
        else
        {
            await pair.UntilEngineAsync(now => now is { Connected: false, LastError: not null });
        }

        rotation.Client.Switch(force: false);
        await rotation.UntilAsync(report => report.Phase == CertificatePhase.Switched && report.Lagging.Count == 0);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
        rotation.Client.Finish();
        await rotation.SettledAsync();
        await targets.RunAsync(pair);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task After_the_replacement_was_rolled_back_an_export_of_its_use_needs_nothing(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        var rotation = new Rotation(pair, NodeRole.Console);
        Fingerprint old = rotation.Running;
        Fingerprint next = (await rotation.SwitchedAsync()).New!.Value;
        await ExportAsync(pair);
        rotation.Client.RollBack();
        await rotation.SettledAsync();
        Assert.Equal([old], rotation.Pins);

        await MoveAsync(pair);

        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
        await pair.UntilEngineAsync(now => now.Pins.SequenceEqual([old, next]));
        rotation.Client.RollBack();
        await rotation.SettledAsync();
        Assert.Equal([old], rotation.Pins);
        await targets.RunAsync(pair);
    }

    [Fact]
    public async Task A_replacement_that_was_prepared_while_an_import_read_is_put_aside_with_its_identity()
    {
        using var host = new ExportHost();
        await host.ExportAsync();
        IdentityFile.LoadOrCreate(host.Target.EnsureConsole(), TimeProvider.System).Identity.Dispose();

        ConsoleExport import = await host.ImportAsync(force: true, step: step =>
        {
            if (step == "proved")
            {
                new RotationFiles(host.Target.Console, TimeProvider.System).Prepare();
            }
        });

        Assert.False(File.Exists(Path.Combine(host.Target.Console, "next.key")));
        Assert.True(File.Exists(Path.Combine(import.KeptPath!, "next.key")));
        (_, NodeIdentity identity) = IdentityFile.LoadOrCreate(host.Target.Console, TimeProvider.System);
        using (identity)
        {
            Assert.Equal(host.Fingerprint, identity.Fingerprint);
        }
    }

    [Fact]
    public async Task Without_its_identity_it_goes_where_the_certificate_was_replaced_since()
    {
        using var host = new ExportHost();
        await host.ExportAsync(withoutIdentity: true);
        host.Console.RegisterEngine("after", "192.0.2.3", 40814, null);
        var files = new RotationFiles(host.Source.Console, TimeProvider.System);
        Guid id = files.Prepare().RotationId;
        files.Change(rotation => rotation! with { Phase = CertificatePhase.Finishing });
        files.Close(id);
        Fingerprint replaced = IdentityFile.ReadFingerprint(host.Source.Console);
        Assert.NotEqual(host.Fingerprint, replaced);

        // Windows lets nobody replace a store that a session has open.
        host.Console.Dispose();
        await host.ImportAsync(host.Source, force: true);

        Assert.Equal("lab-1", host.Engines(host.Source));
        Assert.Equal(replaced, IdentityFile.ReadFingerprint(host.Source.Console));
    }

    [Fact]
    public async Task A_replacement_that_was_killed_at_its_very_end_is_completed_by_an_export()
    {
        using var host = new ExportHost();
        var dying = new RotationFiles(host.Source.Console, TimeProvider.System, step =>
        {
            if (step.StartsWith("next.key becomes", StringComparison.Ordinal))
            {
                throw new OperationCanceledException("killed");
            }
        });
        CertificateRotation rotation = dying.Prepare();
        dying.Change(now => now! with { Phase = CertificatePhase.Finishing });
        Assert.Throws<OperationCanceledException>(() => dying.Close(rotation.RotationId));

        ConsoleExport export = await host.ExportAsync();
        Assert.Equal(rotation.New, export.Fingerprint);
        await host.ImportAsync();
        Assert.Equal(rotation.New, IdentityFile.ReadFingerprint(host.Target.Console));
    }

    [Theory]
    [InlineData("store.db")]
    [InlineData("node.key")]
    [InlineData("import.commit")]
    public async Task An_export_does_not_replace_what_it_exports(string name)
    {
        using var host = new ExportHost();
        string file = Path.Combine(host.Source.Console, name);
        var request = new ExportRequest(file, ExportHost.Passphrase) { Force = true };

        await ExportHost.FailsAsync(FaultCode.OptionInvalid, () => ConsoleTransfer.ExportAsync(
            host.Console, request, null, CancellationToken.None));

        Assert.Equal("lab-1", host.Engines(host.Source));
    }

    private static async Task FinishedAsync(NodePair pair, Rotation rotation, Fingerprint next)
    {
        rotation.Client.Finish();
        await rotation.SettledAsync();
        Assert.Equal([next], rotation.Pins);
        Assert.Equal(next, IdentityFile.ReadFingerprint(rotation.Folder));
        await rotation.WellAsync();
    }

    private async Task ExportAsync(NodePair pair) => await ConsoleTransfer.ExportAsync(
        pair.Console, new ExportRequest(_folder.Below("export"), ExportHost.Passphrase), null, CancellationToken.None);

    /// <summary>To another host behind the same name.</summary>
    private async Task MoveAsync(NodePair pair)
    {
        await pair.StopConsoleAsync();
        pair.Log.Clear();
        var elsewhere = DataFolder.Resolve(_folder.Below("new-host"));
        await ConsoleTransfer.ImportAsync(
            elsewhere,
            new SqliteStoreProvider(),
            new ImportRequest(_folder.Below("export"), ExportHost.Passphrase, Force: false),
            null,
            CancellationToken.None);
        pair.MoveConsole(elsewhere);
        await pair.StartConsoleAsync();
    }
}
