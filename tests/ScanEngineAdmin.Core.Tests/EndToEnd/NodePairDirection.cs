using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>What a console's admin asks of a pair's direction, and what the console's store says of it.</summary>
internal static class NodePairDirection
{
    public static CommunicationReport Report(this NodePair pair) => pair.Console.Direction.Report(pair.PairingId);

    public static Task ChangeAsync(this NodePair pair, DirectionChangeRequest request) => pair.Console.Direction
        .ChangeAsync(pair.PairingId, request, null, CancellationToken.None).WaitAsync(NodePair.Patience);

    public static Task OfflineAsync(this NodePair pair, DirectionChangeRequest request) => pair.Console.Direction
        .RequestOfflineAsync(pair.PairingId, request, CancellationToken.None).WaitAsync(NodePair.Patience);

    public static Task<CommunicationReport> UntilReportAsync(
        this NodePair pair, Func<CommunicationReport, bool> until) =>
        pair.UntilConsoleStoreAsync(pair.Report, until);

    /// <summary>Both hold that direction at one epoch, and nothing is open.</summary>
    public static async Task AgreedAsync(this NodePair pair, CommunicationDirection way)
    {
        CommunicationReport settled = await pair.UntilReportAsync(
            now => now is { State: CommunicationState.Settled, LastChange.Acknowledged: not null }
                && now.Engine.Direction == way);
        ConsoleRecord engine = await pair.UntilEngineAsync(now => now.ChangeId is null && now.Direction == way);
        Assert.Equal(settled.Engine.Epoch, engine.Epoch);
        Assert.Equal((way, engine.Epoch), (settled.Engine.ReportedDirection, settled.Engine.ReportedEpoch));
        Assert.Empty(settled.DriftDetail);
    }

    public static string[] Events(this NodePair pair) =>
        [.. pair.Console.Store.ListEvents(100).Select(entry => entry.Event)];

    /// <summary>The audit trail has it; for what is noted after the state that it tells of.</summary>
    public static Task UntilEventAsync(this NodePair pair, string name) =>
        pair.UntilConsoleStoreAsync(pair.Events, all => all.Contains(name));
}
