using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Whether a host plainly has no filter at all: the one thing that a reading may say without asking the kernel.
/// </summary>
internal sealed class FilterPresence(
    Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run)
{
    /// <summary>False also where that cannot be known.</summary>
    public async Task<bool> IsEmptyAsync(CancellationToken cancellationToken)
    {
        try
        {
            ToolResult nft = await run("nft", ["list", "ruleset"], cancellationToken).ConfigureAwait(false);
            if (!nft.Succeeded || nft.Output.Contains("hook", StringComparison.Ordinal))
            {
                return false;
            }

            return (await new HostFilterReader(run).SavedAsync(cancellationToken).ConfigureAwait(false))
                .SelectMany(static s => s.Text.Split('\n')).All(static l => l.Length == 0 || l[0] is '*' or 'C'
                    || (l[0] == ':' && !l.Contains(" DROP", StringComparison.Ordinal)));
        }
        catch (RehearsalException)
        {
            return false;
        }
    }
}
