using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.Admin;

public sealed class ConsoleAdminTests : IDisposable
{
    private readonly AdminHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("", FaultCode.EngineNameInvalid)]
    [InlineData("lab*", FaultCode.EngineNameInvalid)]
    [InlineData("lab[1]", FaultCode.EngineNameInvalid)]
    [InlineData(" lab", FaultCode.EngineNameInvalid)]
    [InlineData("a/b", FaultCode.EngineNameInvalid)]
    public void A_name_that_no_pattern_could_name_is_refused(string name, FaultCode code)
    {
        Assert.Equal(code, Fault(() => _host.Console.RegisterEngine(name, "lab.example", 40814, null)).Code);
        Assert.Empty(_host.Console.Store.ListEngines());
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.256")]
    [InlineData("10.1")]
    [InlineData("-lab")]
    [InlineData("[::1]")]
    [InlineData("lab.example:40814")]
    [InlineData("http://lab")]
    public void What_is_no_address_is_refused(string address)
    {
        Assert.Equal(
            FaultCode.AddressInvalid, Fault(() => _host.Console.RegisterEngine("lab", address, 40814, null)).Code);
    }

    [Theory]
    [InlineData("10.0.0.255")]
    [InlineData("fe80::1")]
    [InlineData("lab-1")]
    [InlineData("lab.example.")]
    public void Addresses_and_host_names_are_taken(string address)
    {
        Assert.Equal(address, _host.Console.RegisterEngine("lab 1.a_b-c", address, 1, null).Address);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65536)]
    public void A_port_out_of_range_is_refused(int port)
    {
        Assert.Equal(FaultCode.PortInvalid, Fault(() => _host.Console.RegisterEngine("lab", "lab", port, null)).Code);
    }

    [Theory]
    [InlineData(null, false, 20)]
    [InlineData("lab-1", false, 1)]
    [InlineData(null, true, 1)]
    public void A_secret_is_for_20_uses_and_for_one_if_it_is_bound_or_single(string? name, bool once, int uses)
    {
        Assert.Equal(uses, _host.Console.CreateSecret(TimeSpan.FromHours(1), name, once).Record.MaxUses);
        Assert.Equal(uses, _host.Engine.CreateSecret(TimeSpan.FromHours(1), name, once).Record.MaxUses);
    }

    [Fact]
    public void An_engine_is_registered_once_and_found_without_case()
    {
        EngineRecord engine = _host.Console.RegisterEngine("Lab", "lab.example", 40814, null);

        Assert.Equal(EngineState.Registered, engine.State);
        Assert.Equal(CommunicationStatus.PendingAuthorization, engine.Status);
        Assert.Equal(engine.PairingId, _host.Console.Store.FindEngine("lAB")!.PairingId);
        Assert.Equal(
            FaultCode.EngineNameInUse, Fault(() => _host.Console.RegisterEngine("lab", "b.example", 1, null)).Code);
        Assert.Null(_host.Console.Store.FindEngine("none"));
    }

    [Fact]
    public async Task Every_change_leaves_a_line_with_who_did_it_and_rings()
    {
        using var rung = new SemaphoreSlim(0);
        await using Doorbell bell = Doorbell.Start(_host.Folder.Console, () => rung.Release());

        EngineRecord engine = _host.Console.RegisterEngine("lab", "lab.example", 40814, null);

        Assert.True(await rung.WaitAsync(AdminHost.Bound));
        AuditEvent line = Assert.Single(_host.Console.Store.ListEvents(10));
        Assert.Equal(("EngineRegistered", engine.PairingId, "lab"), (line.Event, line.PairingId, line.Subject));
        Assert.Equal($"{Environment.UserName}@{Environment.MachineName}", line.Actor);
    }

    [Fact]
    public void An_engine_is_approved_by_the_fingerprint_it_shows_and_by_no_other()
    {
        EngineRecord engine = _host.Console.RegisterEngine("lab", "lab.example", 40814, null);
        _host.Console.Store.UpdateEngine(
            engine.PairingId, e => e with { ObservedFingerprint = AdminHost.Key("lab"), ApprovedByEngine = true });

        Assert.Equal(
            FaultCode.FingerprintMismatch,
            Fault(() => _host.Console.ApproveEngine(engine.PairingId, AdminHost.Key("other"))).Code);
        EngineRecord approved = _host.Console.ApproveEngine(engine.PairingId, AdminHost.Key("lab"));

        Assert.Equal(EngineState.Paired, approved.State);
        Assert.Equal(AdminHost.Key("lab"), Assert.Single(approved.Pins));
    }

    [Fact]
    public void An_engine_that_has_not_approved_this_console_is_not_paired_by_an_approval_here()
    {
        EngineRecord engine = _host.Console.RegisterEngine("lab", "lab.example", 40814, null);

        Assert.Equal(
            EngineState.Registered, _host.Console.ApproveEngine(engine.PairingId, AdminHost.Key("lab")).State);
    }

    [Fact]
    public void A_scan_needs_an_engine_with_both_identities_confirmed()
    {
        EngineRecord unmet = _host.Console.RegisterEngine("unmet", "lab.example", 40814, null);
        EngineRecord waits = _host.Console.RegisterEngine("waits", "lab.example", 40814, AdminHost.Key("waits"));

        Assert.Equal(FaultCode.NotPaired, Fault(() => _host.Console.Scans.Add(unmet.PairingId, Request())).Code);
        Assert.Equal(FaultCode.ApprovalPending, Fault(() => _host.Console.Scans.Add(waits.PairingId, Request())).Code);
        Assert.Equal(FaultCode.EngineNotFound, Fault(() => _host.Console.Scans.Add(Guid.NewGuid(), Request())).Code);
    }

    [Theory]
    [InlineData("10.0.0.0/33", "22", FaultCode.TargetInvalid)]
    [InlineData("10.0.0.1", "70000", FaultCode.PortRangeInvalid)]
    [InlineData("::/0", "22", FaultCode.TooManyTargets)]
    [InlineData("0.0.0.0/0", "22", FaultCode.TooManyTargets)]
    public void What_cannot_be_scanned_is_said_before_anything_is_written(string target, string ports, FaultCode code)
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.EngineToConsole);
        var request = new ScanRequest { Targets = [target], Ports = ports };

        Assert.Equal(code, Fault(() => _host.Console.Scans.Add(engine.PairingId, request)).Code);
        Assert.Empty(_host.Console.Store.ListScans());
    }

    [Fact]
    public void A_queued_scan_is_stopped_at_once_and_only_a_finished_one_can_be_removed()
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.EngineToConsole);
        ScanRecord queued = _host.Console.Scans.Add(engine.PairingId, Request());
        ScanRecord running = _host.Console.Scans.Add(engine.PairingId, Request());
        _host.Console.Store.UpdateScan(running.ScanId, scan => scan with { State = ScanState.Running });

        Assert.Equal(ScanState.Stopped, _host.Console.Scans.Stop(queued.ScanId).State);
        ScanRecord asked = _host.Console.Scans.Stop(running.ScanId);
        Assert.Equal((ScanState.Running, true), (asked.State, asked.StopRequested));
        Assert.Equal(FaultCode.ScanNotFinished, Fault(() => _host.Console.Scans.Remove(running.ScanId)).Code);
        _host.Console.Scans.Remove(queued.ScanId);
        Assert.Equal(FaultCode.ScanNotFound, Fault(() => _host.Console.Scans.Remove(queued.ScanId)).Code);
    }

    [Fact]
    public async Task A_watched_scan_shows_what_another_process_writes_until_it_is_finished()
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.EngineToConsole);
        ScanRecord scan = _host.Console.Scans.Add(engine.PairingId, Request());
        using var other = _host.OpenConsole();
        var seen = new List<ScanState>();

        ScanRecord finished = await _host.Console.Scans.WaitAsync(
            scan.ScanId,
            AdminHost.Bound,
            now =>
            {
                seen.Add(now.State);
                other.UpdateScan(now.ScanId, s => s with
                {
                    State = s.State == ScanState.Queued ? ScanState.Running : ScanState.Completed,
                });
            },
            CancellationToken.None);

        Assert.Equal(ScanState.Completed, finished.State);
        Assert.Equal([ScanState.Queued, ScanState.Running, ScanState.Completed], seen);
    }

    [Fact]
    public async Task A_wait_ends_with_its_time_and_with_its_token()
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.EngineToConsole);
        ScanRecord scan = _host.Console.Scans.Add(engine.PairingId, Request());
        using var cancelled = new CancellationTokenSource();
        Task<EngineRecord> wait = _host.Console.WaitEngineAsync(
            engine.PairingId, _ => false, AdminHost.Bound, _ => cancelled.Cancel(), cancelled.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(
            () => _host.Console.Scans.WaitAsync(scan.ScanId, TimeSpan.Zero, null, CancellationToken.None));
        Assert.Equal(FaultCode.TimedOut, fault.Code);
        Assert.Contains("Start-SecurityConsole", fault.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_asks_the_node_that_runs_and_waits_until_the_folder_is_free()
    {
        Assert.False(await _host.Console.StopAsync(TimeSpan.Zero, CancellationToken.None));
        FolderLock held = FolderLock.TryTake(_host.Folder.Console)!;
        NodeRecord node = AdminHost.Node();
        _host.Console.Store.SetNode(node);
        var asked = new TaskCompletionSource<Guid?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var running = _host.OpenConsole();
        await using Doorbell bell = Doorbell.Start(_host.Folder.Console, () =>
        {
            asked.TrySetResult(running.GetNode()?.StopRequested);
            held.Dispose();
        });

        Assert.True(await _host.Console.StopAsync(AdminHost.Bound, CancellationToken.None));
        Assert.Equal(node.BootId, await asked.Task.WaitAsync(AdminHost.Bound));
    }

    [Fact]
    public async Task A_node_that_does_not_stop_is_named()
    {
        using FolderLock held = FolderLock.TryTake(_host.Folder.Console)!;
        _host.Console.Store.SetNode(AdminHost.Node());

        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(
            () => _host.Console.StopAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None));

        Assert.Equal(FaultCode.TimedOut, fault.Code);
        Assert.Contains("4711", fault.Recommendation, StringComparison.Ordinal);
        Assert.True(_host.Console.Describe().IsRunning);
    }

    [Fact]
    public void An_unregistered_engine_is_gone_with_its_scans()
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.EngineToConsole);
        _host.Console.Scans.Add(engine.PairingId, Request());

        _host.Console.UnregisterEngine(engine.PairingId);

        Assert.Empty(_host.Console.Store.ListEngines());
        Assert.Empty(_host.Console.Store.ListScans());
        Assert.Equal(FaultCode.EngineNotFound, Fault(() => _host.Console.UnregisterEngine(engine.PairingId)).Code);
    }

    private static ScanEngineException Fault(Action action) => Assert.Throws<ScanEngineException>(action);

    private static ScanRequest Request() => new() { Targets = ["10.0.0.0/30"], Ports = "80,22" };
}
