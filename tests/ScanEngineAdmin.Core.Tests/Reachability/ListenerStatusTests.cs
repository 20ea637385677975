using System.Net.NetworkInformation;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Tests.Reachability;

/// <summary>A host that does not tell what listens on it: that is unknown, and no test or request fails by it.</summary>
public sealed class ListenerStatusTests
{
    public static TheoryData<string> Faults { get; } = ["hidden", "gone", "platform"];

    [Theory, MemberData(nameof(Faults))]
    public void A_table_that_cannot_be_read_is_unknown_and_says_why(string fault)
    {
        ListenerStatus status = ListenerStatus.At(
            40814, ours: 1, isOwn: false, loopbackWanted: false, _ => throw Of(fault));

        Assert.Equal(ListenerState.Unknown, status.State);
        Assert.Contains("cannot be read", status.Text, StringComparison.Ordinal);
    }

    private static Exception Of(string fault) => fault switch
    {
        "hidden" => new UnauthorizedAccessException("Access to /proc/net/tcp is denied."),
        "gone" => new FileNotFoundException("There is no /proc/net/tcp."),
        _ => new NetworkInformationException(5),
    };
}
