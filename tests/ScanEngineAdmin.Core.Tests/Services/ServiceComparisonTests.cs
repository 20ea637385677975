using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Services;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Services;

/// <summary>Two forms of the same are no difference; what is other is named.</summary>
public sealed class ServiceComparisonTests
{
    private static readonly HashSet<string> All =
        ["Program", "DataPath", "Address", "Port", "AdvertisedAddress", "AllowFrom", "Provider"];

    [Theory]
    [InlineData("10.1.0.0/16,10.2.0.7", "10.2.0.7/32, 10.1.0.0/16", true)]
    [InlineData("10.0.0.0/16,10.1.0.0/16", "10.0.0.0/15", true)]
    [InlineData("2001:db8::/48", "2001:DB8:0:0::/48", true)]
    [InlineData("any", "::/0;0.0.0.0/0", true)]
    [InlineData("10.1.0.0/16", "10.1.0.0/17", false)]
    [InlineData("10.1.0.0/16", "10.1.0.0/16, 10.2.0.0/16", false)]
    [InlineData(null, "10.1.0.0/16", false)]
    public void Blocks_are_compared_by_what_they_are(string? installed, string asked, bool same)
    {
        ServiceDefinition wanted = Applier with { AllowFrom = AllowedSources.Read(AllowedSources.Normalize([asked])) };

        string[] found = Differences(wanted, $"--role console --data /var/lib/x{(installed is null ? string.Empty : $" --allow-from {installed}")}");

        Assert.Equal(same ? [] : ["AllowFrom"], found);
    }

    [Fact]
    public void Every_option_is_compared_and_what_is_not_asked_for_is_not()
    {
        ServiceDefinition wanted = Applier with { Ports = [443, 41000], Provider = FirewallProvider.Nftables };

        Assert.Empty(Differences(wanted, "--data /var/lib/x --ports 41000,443 --provider nftables"));
        Assert.Empty(Differences(wanted, "--data /var/lib/x --ports 41000,443 --provider Nftables --allow-from any"));
        Assert.Equal(["DataPath", "Provider", "Port"], Differences(wanted, "--data /var/lib/y --ports 443"));
        var console = new ServiceDefinition(NodeRole.Console, false)
        {
            Program = "/p",
            DataPath = "/var/lib/x",
            AdvertisedAddress = "Console.example.org.",
            Listen = new(0x0100007f, 41000),
        };
        Assert.Empty(Differences(console, "--data /var/lib/x --advertise console.example.org --listen 127.0.0.1:41000"));
        Assert.Equal(["AdvertisedAddress", "Address", "Port"], Differences(console, "--data /var/lib/x"));
        Assert.Empty(ServiceComparison.Of(console, new HashSet<string>(), Installed("--data /elsewhere")));
    }

    [Theory]
    [InlineData("Port", "127.0.0.1:41000", "")]
    [InlineData("Port", "[::]:40815", "Port 41000 40815")]
    [InlineData("Address", "[::]:40815", "")]
    [InlineData("Address", "127.0.0.1:41000", "Address :: 127.0.0.1")]
    [InlineData("Address,Port", "127.0.0.1:41000", "Address :: 127.0.0.1")]
    [InlineData("Address,Port", "127.0.0.1:40815", "Address :: 127.0.0.1|Port 41000 40815")]
    public void An_address_and_a_port_are_compared_each_by_itself(string asked, string listens, string differences)
    {
        var wanted = new ServiceDefinition(NodeRole.Console, false)
        {
            Program = "/p",
            DataPath = "/var/lib/x",
            Listen = new(IPAddress.IPv6Any, 41000),
        };

        IEnumerable<string> found = ServiceComparison.Of(
            wanted, asked.Split(',').ToHashSet(), Installed($"--data /var/lib/x --listen {listens}"))
            .Select(static one => $"{one.Property} {one.Wanted} {one.Actual}");

        Assert.Equal(differences, string.Join('|', found));
    }

    private static ServiceDefinition Applier { get; } = new(NodeRole.Console, true) { Program = "/p", DataPath = "/var/lib/x" };

    private static string[] Differences(ServiceDefinition wanted, string options) =>
        [.. ServiceComparison.Of(wanted, All, Installed(options)).Select(static one => one.Property)];

    private static ServiceStatus Installed(string options) => new(
        NodeRole.Console, true, "/etc/systemd/system/x.service", $"[Service]\nExecStart=/p firewall-applier {options}\n",
        EngineServiceState.Running, true, "root", 1);
}
