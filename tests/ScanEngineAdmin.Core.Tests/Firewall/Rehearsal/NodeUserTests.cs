using System.Diagnostics;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>Filters that ask whose a socket is: root asks for the node of whoever owns the data folder.</summary>
public sealed class NodeUserTests
{
    [Theory, NeedsNamespace("nsenter", "timeout", "chown")]
    [InlineData("54321", nameof(RehearsalVerdict.Open))]
    [InlineData("54322", nameof(RehearsalVerdict.Dropped))]
    [InlineData("0", nameof(RehearsalVerdict.Dropped))]
    [InlineData(null, nameof(RehearsalVerdict.Unknown))]
    public async Task A_rule_for_a_user_is_answered_for_the_nodes(string? owner, string expected)
    {
        using var folder = new TemporaryFolder();
        using var host = new RulesetHost();
        ToolResult loaded = await host.RunAsync(
            "sh",
            [
                "-ec", "nft 'add table inet filter; add chain inet filter out { type filter hook output priority 0; }; "
                    + "add rule inet filter out meta skuid 54321 accept; "
                    + "add rule inet filter out tcp dport 40815 drop'",
            ],
            CancellationToken.None);
        Assert.True(loaded.Succeeded, loaded.Output);
        if (owner is not null)
        {
            using Process process = Process.Start("chown", [owner, folder.Path]);
            await process.WaitForExitAsync();
        }

        await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
            host.RunAsync, [RulesetHost.Peers[0]], SocketUser.OfNode(owner is null ? null : folder.Path),
            CancellationToken.None);
        RehearsalAnswer answer = await rehearsal.AskOutAsync(RulesetHost.Peers[0], 40815, CancellationToken.None);

        Assert.True(answer.Verdict.ToString() == expected, answer.Reason);
    }
}
