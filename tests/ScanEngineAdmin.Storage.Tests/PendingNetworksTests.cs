using ScanEngineAdmin.Storage.Stores;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>Who has many addresses does not push out one that waits honestly.</summary>
public sealed class PendingNetworksTests
{
    [Fact]
    public void A_flood_from_one_network_pushes_out_itself()
    {
        IEnumerable<(long, string?)> pending =
        [
            (1, "198.51.100.7"), (2, null),
            .. Enumerable.Range(3, 300).Select(i => ((long)i, (string?)$"203.0.113.{i % 250}")),
            .. Enumerable.Range(400, 50).Select(i => ((long)i, (string?)$"2001:db8:0:{i:x}::1")),
        ];

        IReadOnlyList<long> leaving = PendingNetworks.Leaving(pending, 20);

        Assert.Equal(352 - 20, leaving.Count);
        Assert.DoesNotContain(1, leaving);
        Assert.DoesNotContain(2, leaving);
        Assert.Equal(3, leaving[0]);
    }

    [Fact]
    public void Among_equals_the_oldest_goes() => Assert.Equal(
        [5L], PendingNetworks.Leaving([(5, "198.51.100.7"), (6, "203.0.113.1"), (7, "192.0.2.1")], 2));
}
