using System.Net;
using ScanEngineAdmin.Channel.Handshake;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

/// <summary>Strangers never hold so much open that this process can open nothing any more.</summary>
public sealed class OpenFilesTests
{
    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files     ", int.MaxValue)]
    [InlineData("Max open files", int.MaxValue)]
    [InlineData("Max locked memory         8388608              8388608              bytes     ", int.MaxValue)]
    public void The_limit_in_force_is_read_from_what_the_system_tells(string line, int limit) =>
        Assert.Equal(limit, OpenFiles.Parse(["Limit   Soft Limit   Hard Limit   Units", line]));

    [Fact]
    public void This_process_has_a_limit_that_lets_it_work() => Assert.True(OpenFiles.Limit() > 64);

    [Fact]
    public void Strangers_of_all_addresses_together_hold_half_of_what_may_be_open()
    {
        const int most = 40;
        var gate = new HandshakeGate(new ChannelOptions { MaxHandshakesPerAddress = 3 }, openFiles: most);
        var admitted = new List<HandshakeGate.Admission>();
        string limit = string.Empty;
        for (int i = 0; i < most; i++)
        {
            if (gate.TryEnter(new IPAddress([192, 0, 2, (byte)i]), out limit) is { } admission)
            {
                admitted.Add(admission);
            }
        }

        Assert.Equal(most / 2, admitted.Count);
        Assert.Contains("open files", limit, StringComparison.Ordinal);
        admitted[0].Dispose();
        Assert.NotNull(gate.TryEnter(IPAddress.Loopback, out _));
    }
}
