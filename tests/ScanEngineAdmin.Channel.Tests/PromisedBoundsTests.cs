using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Channel.Life;
using ScanEngineAdmin.Channel.Streams;
using ScanEngineAdmin.Channel.Tests.Handshake;
using ScanEngineAdmin.Channel.Tests.Support;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests;

/// <summary>What docs/security.md and docs/operations.md promise of every connection, in their own numbers.</summary>
public sealed class PromisedBoundsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_half_open_link_is_found_by_its_heartbeats_within_40_seconds_at_both_ends(bool ours)
    {
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(dialled: true, new ChannelOptions { Time = time });
        await pair.Left.PingAsync(default).WaitAsync(Wait.Bound);
        await pair.Right.PingAsync(default).WaitAsync(Wait.Bound);
        pair.LeftLink.LosesEnd = pair.RightLink.LosesEnd = true;
        (ours ? pair.LeftLink : pair.RightLink).SwallowWrites();

        await pair.PassPingAsync(time, TimeSpan.FromSeconds(20), ours);
        await pair.PassPingAsync(time, TimeSpan.FromSeconds(10), ours);
        time.Pass(TimeSpan.FromSeconds(10) + ChannelSweep.Interval);
        Assert.NotNull(pair.Left.Fault);
        Assert.NotNull(pair.Right.Fault);
        time.Pass(ChannelOptions.Default.CloseTimeout);

        await Wait.EndsWithAsync(pair.Left, ChannelFault.PeerSilent);
        await Wait.EndsWithAsync(pair.Right, ChannelFault.PeerSilent);
    }

    [Fact]
    public void Of_an_IPv6_network_all_addresses_together_have_what_one_address_has()
    {
        var gate = new HandshakeGate(new ChannelOptions(), openFiles: 100_000);
        int admitted = Enumerable.Range(1, 100)
            .Count(i => gate.TryEnter(IPAddress.Parse($"2001:db8:1:2:{i:x}::1"), out _) is not null);

        Assert.Equal(64, admitted);
        Assert.Null(gate.TryEnter(IPAddress.Parse("2001:db8:1:2::1"), out string limit));
        Assert.Contains("from this address", limit, StringComparison.Ordinal);
        Assert.NotNull(gate.TryEnter(IPAddress.Parse("2001:db8:1:3::1"), out _));
    }

    [Fact]
    public async Task One_address_has_at_most_half_of_the_turns()
    {
        var gate = new HandshakeGate(new ChannelOptions { MaxHandshakes = 8 }, openFiles: 100_000);
        Task[] turns = Enumerable.Range(0, 8).Select(_ => TurnAsync("192.0.2.1")).ToArray();
        await Task.WhenAll(turns[..4]).WaitAsync(Wait.Bound);

        await Task.WhenAll(Enumerable.Range(1, 4).Select(i => TurnAsync($"198.51.100.{i}"))).WaitAsync(Wait.Bound);

        Assert.All(turns[4..], waiting => Assert.False(waiting.IsCompleted));

        Task TurnAsync(string address) =>
            gate.TryEnter(IPAddress.Parse(address), out _)!.TakeTurnAsync(CancellationToken.None);
    }

    [Fact]
    public async Task No_more_handshakes_use_the_CPU_than_may_from_however_many_addresses()
    {
        const int most = 8;
        var gate = new HandshakeGate(new ChannelOptions { MaxHandshakes = most }, openFiles: 100_000);
        HandshakeGate.Admission[] all = Enumerable.Range(1, most + 1)
            .Select(i => gate.TryEnter(IPAddress.Parse($"192.0.2.{i}"), out _)!).ToArray();
        await Task.WhenAll(all[..most].Select(one => one.TakeTurnAsync(CancellationToken.None))).WaitAsync(Wait.Bound);

        Task next = all[most].TakeTurnAsync(CancellationToken.None);
        Assert.False(next.IsCompleted);
        all[0].EndTurn();
        await next.WaitAsync(Wait.Bound);
    }

    /// <summary>The others then keep their first 256 KiB a stream, and are slower.</summary>
    [Fact]
    public void Windows_of_all_channels_grow_from_one_budget_and_whoever_finds_none_left_keeps_its_first()
    {
        var options = new ChannelOptions { Time = new ManualTime() };
        var budget = new CreditBudget(options.InitialWindow);
        var first = new ReceiveWindow(options, budget, new LargestWindow());
        var second = new ReceiveWindow(options, budget, new LargestWindow());

        Assert.Equal(2u * (uint)options.InitialWindow, Fill(first));
        Assert.Equal((uint)options.InitialWindow, Fill(second));

        first.Release();
        Assert.Equal(2u * (uint)options.InitialWindow, Fill(second));

        uint Fill(ReceiveWindow window)
        {
            Assert.True(window.TryReceive(options.InitialWindow));
            return window.Consume(options.InitialWindow, TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task TLS_is_mutual_and_1_2_at_least_whoever_dials_and_looks_nothing_up()
    {
        await using var node = new Node(NodeRole.Engine);
        SslServerAuthenticationOptions accepts = TlsSettings.ForAcceptor(node.Identity);
        SslClientAuthenticationOptions dials = TlsSettings.ForDialler(
            node.Identity, new DialTarget("192.0.2.1", 1, [node.Identity.Fingerprint]), ChannelPurpose.Channel,
            (_, _, _, _) => false);

        const SslProtocols both = SslProtocols.Tls12 | SslProtocols.Tls13;
        Assert.Equal((both, both), (accepts.EnabledSslProtocols, dials.EnabledSslProtocols));
        Assert.True(accepts.ClientCertificateRequired);
        Assert.Same(node.Identity.TlsContext, dials.ClientCertificateContext);
        foreach (X509ChainPolicy chain in new[] { accepts.CertificateChainPolicy!, dials.CertificateChainPolicy! })
        {
            Assert.True(chain.DisableCertificateDownloads);
            Assert.Equal(X509RevocationMode.NoCheck, chain.RevocationMode);
            Assert.Empty(chain.CustomTrustStore);
            Assert.Equal(X509ChainTrustMode.CustomRootTrust, chain.TrustMode);
        }
    }
}
