using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>
/// What goes wrong in a node while it answers is said to its own admin; the peer hears which fault it is and no text,
/// which may name folders, processes and users.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class HandlerFaultTests
{
    private const string Inside = "/srv/a-folder-of-this-host";

    private static readonly ScanEngineException Fault =
        new(FaultCode.StoreFull, $"The disk of {Inside} is full.", $"Free space in {Inside}.", Inside);

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public Task An_engine_tells_its_console_a_code_and_its_own_log_the_rest(CommunicationDirection way) =>
        NotTakenOnAsync(way, static (member, _) => member == nameof(IEngineStore.AcceptScan));

    /// <summary>A scan that is refused for what it asks hears why; this is not one.</summary>
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public Task An_engine_that_cannot_read_its_policy_now_tells_its_console_a_code(CommunicationDirection way) =>
        NotTakenOnAsync(way, static (member, given) => member == nameof(INodeStore.GetSetting) && given[0] is "policy");

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_console_tells_its_engine_a_code_and_its_own_log_the_rest(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord done = await targets.RunAsync(pair);
        WatchedStores stores = await pair.WatchAsync();
        await pair.StopEngineAsync();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(pair, way, terms: true, (_, _) => []);
        await pair.ActiveAsync();
        stores.Fail(nameof(IConsoleStore.UpdateScan), Fault);

        var notice = new ScanHeld { ScanId = done.ScanId, Attempt = done.Attempt, Held = true };
        ChannelException heard = await Assert.ThrowsAsync<ChannelException>(
            () => engine.FloodAsync(notice, 1).WaitAsync(NodePair.Patience));

        Assert.Equal(((int?)RequestCode.StoreFault, true), (heard.PeerCode, heard.Message.Contains(
            "StoreFull", StringComparison.Ordinal)));
        Assert.DoesNotContain(Inside, heard.Message, StringComparison.Ordinal);
        await pair.LoggedAsync(entry => entry.Event == "StoreFault" && Names(entry));
    }

    private static async Task NotTakenOnAsync(CommunicationDirection way, Func<string, object?[], bool> fails)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        WatchedStores stores = await pair.WatchAsync();
        await pair.ActiveAsync();
        stores.OnEngine = (member, given) =>
        {
            if (fails(member, given))
            {
                throw Fault;
            }
        };

        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Short);
        await pair.LoggedAsync("ScanNotTakenOn");
        await pair.LoggedAsync(entry => entry.Event == "StoreFault" && Names(entry));
        stores.OnEngine = static (_, _) => { };
        await targets.CompletedAsync(pair, scan);

        LogEntry[] atConsole = [.. pair.Log.Where(entry => entry.Event == "ScanNotTakenOn")];
        Assert.All(atConsole, entry => Assert.False(Names(entry), entry.Message));
        Assert.Contains(atConsole, entry => entry.Message.Contains("StoreFull", StringComparison.Ordinal));
    }

    private static bool Names(LogEntry entry) => entry.Message.Contains(Inside, StringComparison.Ordinal);
}
