using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// How the engine's host's firewall follows a change, if its admin runs an applier there: open when the console says
/// Prepare, close when the outcome is written down. Without one the change goes on and says so.
/// </summary>
internal sealed class EngineFirewall(EngineContext node)
{
    private const int LongestPatience = 60;

    /// <summary>After the doubt is written down: from it the applier works out what to open.</summary>
    public async Task<PreparedFirewall> OpenAsync(
        Guid pairingId, Guid changeId, PrepareFirewall asked, CancellationToken cancellationToken)
    {
        if (!node.Firewall.IsAlive)
        {
            return new PreparedFirewall
            {
                Detail = "No firewall applier runs on the engine's host: its rules are its admin's to apply.",
            };
        }

        FirewallRequest? answer = await node.Firewall.AskAsync(
            pairingId, changeId, FirewallAction.Open,
            TimeSpan.FromSeconds(Math.Clamp(asked.LifetimeSeconds, 0, (int)TimeSpan.FromDays(1).TotalSeconds)),
            TimeSpan.FromSeconds(Math.Clamp(asked.PatienceSeconds, 1, LongestPatience)),
            cancellationToken).ConfigureAwait(false);
        return answer is null
            ? new PreparedFirewall { Detail = "The firewall applier on the engine's host did not answer in time." }
            : PreparedFirewall.Of(answer);
    }

    /// <summary>Has the rules closed that were opened for a doubt that is over, even after a kill on the way.</summary>
    public void Settle() => node.Firewall.CloseWhere(
        request => node.Store.GetConsole(request.PairingId)?.ChangeId != request.ChangeId);
}
