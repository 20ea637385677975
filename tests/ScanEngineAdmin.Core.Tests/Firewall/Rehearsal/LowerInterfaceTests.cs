using System.Net;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>Filters at an interface that packets pass before they come by the one with the address.</summary>
[Trait("Speed", "Slow")]
public sealed class LowerInterfaceTests(SharedRulesetHost shared) : IClassFixture<SharedRulesetHost>
{
    [Theory, NeedsNamespace("nsenter", "timeout")]
    [InlineData("\"link\":\"low0\"", "low0", true)]
    [InlineData("\"link\":\"low\"", "low0", false)]
    [InlineData("\"link\":null", "low0\",\"master\":\"eth0", true)]
    public async Task What_an_interface_below_that_of_the_peer_filters_is_not_passed_over(
        string link, string below, bool unknown)
    {
        RulesetHost host = await shared.LoadAsync("true");
        string name = below.Split('"')[0];

        async Task<ToolResult> RunAsync(string tool, IReadOnlyList<string> arguments, CancellationToken token)
        {
            ToolResult said = await host.RunAsync(tool, arguments, token);
            return (tool, string.Join(' ', arguments)) switch
            {
                ("ip", "-j addr show") => said with
                {
                    Output = said.Output.Replace("\"ifname\":\"eth0\"", $"\"ifname\":\"eth0\",{link}",
                        StringComparison.Ordinal).TrimEnd().TrimEnd(']') + $",{{\"ifname\":\"{below}\"}}]",
                },
                ("nft", "list ruleset") => said with
                {
                    Output = said.Output + "table netdev e {\n\tchain c {\n\t\ttype filter hook ingress device "
                        + $"\"{name}\" priority filter; policy accept;\n\t\ttcp dport 40814 drop\n\t}}\n}}\n",
                },
                _ => said,
            };
        }

        async Task<string> AskAsync()
        {
            try
            {
                await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
                    RunAsync, [IPAddress.Parse("10.77.0.2")], SocketUser.OfThisProcess, CancellationToken.None);
                return (await rehearsal.AskInAsync(IPAddress.Parse("10.77.0.2"), 40814, default)).Reason;
            }
            catch (RehearsalException e)
            {
                return e.Message;
            }
        }

        Assert.Equal(unknown, (await AskAsync()).Contains($"pass {name} first", StringComparison.Ordinal));
    }
}
