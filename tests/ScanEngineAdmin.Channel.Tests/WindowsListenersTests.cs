using System.Net;

namespace ScanEngineAdmin.Channel.Tests;

/// <summary>Windows' tables of listening sockets, as its headers describe them.</summary>
public sealed class WindowsListenersTests
{
    [Fact]
    public void The_rows_of_a_table_of_IPv4_are_read()
    {
        byte[] table = [
            2, 0, 0, 0,
            2, 0, 0, 0, 127, 0, 0, 1, 0x9F, 0x6F, 0xAA, 0xAA, 0, 0, 0, 0, 0, 0, 0, 0, 0x2C, 3, 0, 0,
            2, 0, 0, 0, 0, 0, 0, 0, 0, 22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0];

        Assert.Equal(
            [(new IPEndPoint(IPAddress.Loopback, 40815), 812), (new IPEndPoint(IPAddress.Any, 22), 4)],
            WindowsListeners.Parse(table, ipv6: false));
    }

    [Fact]
    public void The_rows_of_a_table_of_IPv6_are_read()
    {
        byte[] row = new byte[56];
        IPAddress.IPv6Loopback.GetAddressBytes().CopyTo(row, 0);
        (row[20], row[21], row[48], row[52]) = (0x9F, 0x6F, 2, 99);

        Assert.Equal(
            [(new IPEndPoint(IPAddress.IPv6Loopback, 40815), 99)],
            WindowsListeners.Parse([1, 0, 0, 0, .. row], ipv6: true));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000")]
    [InlineData("FFFFFF7F")]
    [InlineData("0100000002")]
    public void A_table_that_ends_before_its_rows_has_none_of_them(string table) =>
        Assert.Empty(WindowsListeners.Parse(Convert.FromHexString(table), ipv6: false));
}
