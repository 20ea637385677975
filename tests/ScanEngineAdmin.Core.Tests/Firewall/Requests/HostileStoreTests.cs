using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Requests;

/// <summary>
/// A node that was taken over writes what it likes into its own store. What it gets of the applier is no more than the
/// limits: the admin's ports, single addresses, pairings that are there.
/// </summary>
public sealed class HostileStoreTests
{
    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    public async Task A_pairing_that_is_not_there_or_only_pending_opens_nothing(NodeRole role)
    {
        using var host = new ApplierFixture(role);
        Guid pending = host.Pair(ApplierFixture.Standard, pending: true);
        Guid change = host.Begin(pending, ApplierFixture.Reverse);

        await RefusedAsync(host, FaultCode.ChangeNotFound, pending, change);
        await RefusedAsync(host, FaultCode.ChangeNotFound, Guid.NewGuid(), Guid.NewGuid());
    }

    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    public async Task A_change_that_is_over_or_anothers_opens_nothing(NodeRole role)
    {
        using var host = new ApplierFixture(role);
        Guid pairing = host.Pair(ApplierFixture.Standard);
        Guid other = host.Pair(ApplierFixture.Standard);
        Guid others = host.Begin(other, ApplierFixture.Reverse);
        Guid over = host.Begin(pairing, ApplierFixture.Reverse);
        host.Decide(over, commit: true);
        host.End(pairing, over, commit: true);

        await RefusedAsync(host, FaultCode.ChangeNotFound, pairing, over);
        await RefusedAsync(host, FaultCode.ChangeNotFound, pairing, others);
    }

    [Theory]
    [InlineData(NodeRole.Console, ApplierFixture.Standard, ApplierFixture.Reverse)]
    [InlineData(NodeRole.Engine, ApplierFixture.Reverse, ApplierFixture.Standard)]
    public async Task A_port_that_the_admin_did_not_allow_is_not_opened_and_one_that_he_did_is(
        NodeRole role, CommunicationDirection from, CommunicationDirection to)
    {
        using var host = new ApplierFixture(role, 41000);
        Guid pairing = host.Pair(from);
        Guid change = host.Begin(pairing, to);
        host.Listen("0.0.0.0:22");
        ScanEngineException fault = await RefusedAsync(host, FaultCode.PortInvalid, pairing, change);
        Assert.Contains("--ports 22", fault.Recommendation, StringComparison.Ordinal);

        host.Listen("0.0.0.0:41000");
        Assert.True((await host.DoAsync(pairing, change, FirewallAction.Open)).IsDone);
        Assert.Contains(" 41000", Assert.Single(host.Filter()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NodeRole.Console, ApplierFixture.Reverse, ApplierFixture.Standard)]
    [InlineData(NodeRole.Engine, ApplierFixture.Standard, ApplierFixture.Reverse)]
    public async Task A_port_that_is_only_dialled_matters_where_the_host_denies_outbound(
        NodeRole role, CommunicationDirection from, CommunicationDirection to)
    {
        using var host = new ApplierFixture(role);
        Guid pairing = host.Pair(from, port: 443);
        Guid change = host.Begin(pairing, to);
        host.DeniesOutbound = true;
        await RefusedAsync(host, FaultCode.PortInvalid, pairing, change);

        host.DeniesOutbound = false;

        Assert.True((await host.DoAsync(pairing, change, FirewallAction.Open)).IsDone);
        Assert.DoesNotContain(" 443", Assert.Single(host.Filter()), StringComparison.Ordinal);
    }

    [Fact, NeedsLinux]
    public async Task A_lock_that_leads_elsewhere_is_not_opened_and_nothing_is_made_in_the_nodes_folder()
    {
        using var host = new ApplierFixture(NodeRole.Console);
        await using (await host.StartAsync())
        {
        }

        string[] files = Directory.GetFiles(host.NodeFolder);
        string target = Path.Combine(host.Host.Folder.Root, "not-there");
        string name = Path.Combine(host.NodeFolder, FirewallApplierClient.LockName);
        Assert.Contains(name, files);
        File.Delete(name);
        File.CreateSymbolicLink(name, target);

        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(
            () => FirewallApplierService.StartAsync(
            host.Host.Folder, NodeRole.Console, new SqliteStoreProvider(), host.Options, _ => { },
            CancellationToken.None));

        Assert.Equal(FaultCode.DataFolderInvalid, fault.Code);
        Assert.False(File.Exists(target));
        Assert.Equal(files.Order(), Directory.GetFiles(host.NodeFolder).Order());
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("::")]
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("ff02::1")]
    [InlineData("255.255.255.255")]
    [InlineData("no such name.invalid")]
    public async Task An_address_that_is_not_one_hosts_opens_nothing(string address)
    {
        foreach (NodeRole role in Enum.GetValues<NodeRole>())
        {
            foreach (CommunicationDirection from in Enum.GetValues<CommunicationDirection>())
            {
                using var host = new ApplierFixture(role) { DeniesOutbound = true };
                Guid pairing = host.Pair(from, address);
                Guid change = host.Begin(
                    pairing, from == ApplierFixture.Standard ? ApplierFixture.Reverse : ApplierFixture.Standard);
                await RefusedAsync(host, FaultCode.AddressInvalid, pairing, change);
            }
        }
    }

    [Fact]
    public async Task A_claim_of_years_is_bounded()
    {
        using var host = new ApplierFixture(NodeRole.Console);
        Guid pairing = host.Pair(ApplierFixture.Standard);
        Guid change = host.Begin(pairing, ApplierFixture.Reverse);

        FirewallRequest done = await host.DoAsync(pairing, change, FirewallAction.Open, TimeSpan.FromDays(3650));

        Assert.InRange(done.RollbackAt!.Value, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow + TimeSpan.FromHours(2));
    }

    [Fact]
    public async Task What_waits_for_another_change_is_neither_kept_nor_undone()
    {
        using var host = new ApplierFixture(NodeRole.Console);
        Guid pairing = host.Pair(ApplierFixture.Standard);
        Guid other = host.Pair(ApplierFixture.Standard);
        Guid change = host.Begin(pairing, ApplierFixture.Reverse);
        Guid others = host.Begin(other, ApplierFixture.Reverse);
        await host.DoAsync(other, others, FirewallAction.Open);
        string before = Assert.Single(host.Waiting);

        await host.DoAsync(pairing, change, FirewallAction.Open);
        host.Decide(change, commit: false);
        host.End(pairing, change, commit: false);
        await host.DoAsync(pairing, change, FirewallAction.Close);

        Assert.Equal(before, Assert.Single(host.Waiting));
    }

    private static async Task<ScanEngineException> RefusedAsync(
        ApplierFixture host, FaultCode code, Guid pairing, Guid change)
    {
        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(
            () => host.DoAsync(pairing, change, FirewallAction.Open));
        Assert.True(fault.Code == code, $"{fault.Code}: {fault.Message}");
        Assert.Empty(host.Writes);
        Assert.Empty(host.Filter());
        return fault;
    }
}
