using System.Net.Sockets;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests.Namespaces;

/// <summary>
/// Everything there is to do with an engine, through firewalls that let one direction through: whatever needed the
/// other one, if only for a registration or an acknowledgement, would fail here.
/// </summary>
public sealed class DirectionTests
{
    private const string Ports = "80,81,443";

    [Fact, NeedsNamespace]
    public Task Standard_to_reverse_needs_each_port_only_in_its_own_time() =>
        OneDirectionAtATime(CommunicationDirection.ConsoleToEngine, CommunicationDirection.EngineToConsole);

    [Fact, NeedsNamespace]
    public Task Reverse_to_standard_needs_each_port_only_in_its_own_time() =>
        OneDirectionAtATime(CommunicationDirection.EngineToConsole, CommunicationDirection.ConsoleToEngine);

    [Fact, NeedsNamespace]
    public Task A_change_to_reverse_through_a_shut_port_is_rolled_back_in_time() =>
        RolledBack(CommunicationDirection.ConsoleToEngine, CommunicationDirection.EngineToConsole);

    [Fact, NeedsNamespace]
    public Task A_change_to_standard_through_a_shut_port_is_rolled_back_in_time() =>
        RolledBack(CommunicationDirection.EngineToConsole, CommunicationDirection.ConsoleToEngine);

    private static async Task OneDirectionAtATime(CommunicationDirection first, CommunicationDirection second)
    {
        await using Lab lab = await Lab.StartAsync(first);
        using TcpListener open = lab.Serve(80);
        string before = await ScanAsync(lab);
        Assert.Equal("80=Open 81=Closed 443=Closed", before);
        Assert.True(lab.Tried(second) == 0, $"Somebody went {second} before any change.\n{lab.Logs}");

        lab.Allow(first, second);
        await lab.ChangeAsync(second);
        lab.Allow(second);

        await lab.ActiveAsync(second);
        Assert.Equal(before, await ScanAsync(lab));
        await lab.RestartAsync();
        Assert.Equal(before, await ScanAsync(lab));
        await lab.ActiveAsync(second);
        Assert.True(lab.Tried(first) == 0, $"Somebody went {first} after the change.\n{lab.Logs}");
        Assert.Equal((second, null), (lab.Paired.Direction, lab.Paired.ChangeId));
    }

    private static async Task RolledBack(CommunicationDirection old, CommunicationDirection wanted)
    {
        await using Lab lab = await Lab.StartAsync(old);
        using TcpListener open = lab.Serve(80);
        // Enough to try the new way on a slow machine; it is waited out.
        var timeout = TimeSpan.FromSeconds(20);

        ScanEngineException failed = await Assert.ThrowsAsync<ScanEngineException>(
            () => lab.ChangeAsync(wanted, timeout));

        Assert.Equal(FaultCode.ChangeFailed, failed.Code);
        Assert.True(lab.Tried(wanted) > 0, "The new way was never tried.");
        Assert.Equal(old, lab.Registered.Direction);
        await Until.TrueAsync(() => lab.Paired.ChangeId is null, $"The engine stays in doubt.\n{lab.Logs}");
        Assert.Equal((old, null), (lab.Paired.Direction, lab.Paired.ChangeTo));
        Assert.Equal(lab.Registered.Epoch, lab.Paired.Epoch);
        Assert.Equal("80=Open 81=Closed 443=Closed", await ScanAsync(lab));
        await lab.ActiveAsync(old);
    }

    private static async Task<string> ScanAsync(Lab lab)
    {
        IReadOnlyList<Finding> findings = await lab.ScanAsync(Ports);
        return string.Join(
            ' ', findings.OrderBy(finding => finding.Port).Select(finding => $"{finding.Port}={finding.State}"));
    }
}
