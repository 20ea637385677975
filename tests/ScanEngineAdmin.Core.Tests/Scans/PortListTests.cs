using FsCheck;
using FsCheck.Fluent;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Scanning.Ports;

namespace ScanEngineAdmin.Core.Tests.Scans;

public sealed class PortListTests
{
    [Theory]
    [InlineData("22", "22", 1)]
    [InlineData("80, 22", "22,80", 2)]
    [InlineData("8000-8100,22,8050-8200,8201", "22,8000-8201", 203)]
    [InlineData("1-65535", "1-65535", 65_535)]
    [InlineData("22,22,22", "22", 1)]
    public void Ports_are_sorted_and_each_counts_once(string typed, string canonical, int count)
    {
        PortList ports = PortList.Parse(typed);
        Assert.Equal(canonical, ports.ToString());
        Assert.Equal(count, ports.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("99999999999999999999")]
    [InlineData("80-22")]
    [InlineData("-22")]
    [InlineData("22-")]
    [InlineData("1-2-3")]
    [InlineData("22,,80")]
    [InlineData("ssh")]
    [InlineData("22.5")]
    [InlineData("+22")]
    public void What_is_no_port_is_refused(string typed)
    {
        var error = Assert.Throws<ScanEngineException>(() => PortList.Parse(typed));
        Assert.Equal(FaultCode.PortRangeInvalid, error.Code);
    }

    [Theory]
    [InlineData("22 80", "22,80")]
    [InlineData("8000 - 8100 22", "22,8000-8100")]
    [InlineData("8000\u20138100", "8000-8100")]
    [InlineData("22,,80,", "22,80")]
    [InlineData("T:80,443/tcp;TCP/22 tcp:1-3", "1-3,22,80,443")]
    public void Ports_are_typed_in_the_ways_that_people_have(string typed, string canonical) =>
        Assert.Equal(canonical, $"{PortList.ParseTyped(new[] { typed })}");

    [Theory]
    [InlineData("U:53", "TCP ports alone")]
    [InlineData("53/udp", "TCP ports alone")]
    [InlineData("*", "all ports are 1-65535")]
    [InlineData("all", "all ports are 1-65535")]
    [InlineData("-", "all ports are 1-65535")]
    [InlineData("top 100", "-TopPorts 100")]
    [InlineData("443-80", "turned over, it is 80-443")]
    [InlineData(",", "no port is given")]
    public void What_is_typed_and_no_port_is_said(string typed, string why) => Assert.Contains(
        why,
        Assert.Throws<ScanEngineException>(() => PortList.ParseTyped(new[] { typed })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Numbers_and_texts_may_be_mixed_as_a_shell_gives_them()
    {
        Assert.Equal("22,80,443,8000-8001", PortList.Parse(new object[] { 443, "80,22", "8000-8001" }).ToString());
        Assert.Equal("22,80", PortList.Parse(new[] { 80, 22 }).ToString());
        Assert.Throws<ScanEngineException>(() => PortList.Parse(new object?[] { null }));
        Assert.Throws<ScanEngineException>(() => PortList.Parse(Array.Empty<int>()));
        Assert.Throws<ScanEngineException>(() => PortList.Parse(new[] { 80.5 }));
    }

    [Fact]
    public void Any_set_of_ports_is_indexed_ascending_and_survives_its_own_text()
    {
        Gen<int> port = Gen.Choose(1, 65_535);
        Prop.ForAll(Gen.NonEmptyListOf(port).Select(l => l.ToArray()).ToArbitrary(), typed =>
        {
            int[] expected = typed.Distinct().Order().ToArray();
            PortList ports = PortList.Parse(PortList.Parse(typed).ToString());
            return expected.SequenceEqual(Enumerable.Range(0, ports.Count).Select(i => ports[i]))
                && expected.All(ports.Contains)
                && !ports.Contains(0)
                && ports.Contains(typed[0] % 65_535 + 1) == expected.Contains(typed[0] % 65_535 + 1);
        }).QuickCheckThrowOnFailure();
    }
}
