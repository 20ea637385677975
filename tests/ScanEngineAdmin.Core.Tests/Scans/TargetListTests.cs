using System.Net;
using FsCheck;
using FsCheck.Fluent;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.Scans;

public sealed class TargetListTests
{
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData(" 10.0.0.1 ", "10.0.0.1")]
    [InlineData("10.0.0.8-10.0.0.10", "10.0.0.8 10.0.0.9 10.0.0.10")]
    [InlineData("10.0.0.8-9", "10.0.0.8 10.0.0.9")]
    [InlineData("10.0.0.255-10.0.1.0", "10.0.0.255 10.0.1.0")]
    [InlineData("10.0.0.4/30", "10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7")]
    [InlineData("10.0.0.4/31", "10.0.0.4 10.0.0.5")]
    [InlineData("10.0.0.4/32", "10.0.0.4")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("2001:DB8:0::FFFF-2001:db8::1:1", "2001:db8::ffff 2001:db8::1:0 2001:db8::1:1")]
    [InlineData("2001:db8::4/127", "2001:db8::4 2001:db8::5")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("::ffff:10.0.0.4/127", "10.0.0.4 10.0.0.5")]
    [InlineData("web-1.example.net", "web-1.example.net")]
    [InlineData("localhost", "localhost")]
    [InlineData("10.0.0.1-static.example.net", "10.0.0.1-static.example.net")]
    [InlineData("SRV_FILE01", "SRV_FILE01")]
    [InlineData("_a_b_.example.net.", "_a_b_.example.net.")]
    [InlineData("10.0-1.0.1-2", "10.0.0.1 10.0.0.2 10.1.0.1 10.1.0.2")]
    [InlineData("10.0.0-1.*", "10.0.0.0-10.0.1.255")]
    [InlineData("10.0.255.254-255", "10.0.255.254 10.0.255.255")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("10.0.0.1,10.0.0.2;10.0.0.3 10.0.0.4\n\n10.0.0.5", "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5")]
    [InlineData("# a list\r\n10.0.0.1 # db\r\n", "10.0.0.1")]
    [InlineData("\uFEFF10.0.0.1\u00A0\r", "10.0.0.1")]
    [InlineData("10.0.0.8 - 10.0.0.9", "10.0.0.8 10.0.0.9")]
    [InlineData("10.0.0.8 -9", "10.0.0.8 10.0.0.9")]
    [InlineData("10.0.0.8- 10.0.0.9, a", "10.0.0.8 10.0.0.9 a")]
    [InlineData("10.0.0.8\u201310.0.0.9", "10.0.0.8 10.0.0.9")]
    [InlineData("10.0.0.8 \u2014 10.0.0.9", "10.0.0.8 10.0.0.9")]
    [InlineData("srv\u201101", "srv-01")]
    public void A_target_is_understood_as_typed(string typed, string expected)
    {
        TargetList list = TargetList.Parse([typed]);
        Assert.Equal(All(TargetList.Parse(expected.Split(' '))), All(list));
        Assert.Equal(All(list), All(TargetList.Parse(list.Texts)));
    }

    [Theory]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0")]
    [InlineData("010.0.0.1")]
    [InlineData("1")]
    [InlineData("10.0.0.9-10.0.0.1")]
    [InlineData("10.0.0.9-1")]
    [InlineData("10.0.0.1-300")]
    [InlineData("10.0.0.1-")]
    [InlineData("10.0.0.1-2001:db8::1")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/024")]
    [InlineData("2001:db8::/129")]
    [InlineData("2001:db8::g")]
    [InlineData("[2001:db8::1]:80")]
    [InlineData("fe80::1%eth0")]
    [InlineData("::fffe:ffff:ffff-::ffff:0:5")]
    [InlineData("*.example.net")]
    [InlineData("-a.example.net")]
    [InlineData("a..example.net")]
    [InlineData("10.0.0.1-2-3")]
    [InlineData("10.0.0.5-3.1")]
    [InlineData("10.0.3-1.1")]
    [InlineData("10.0.0.1*")]
    [InlineData("10.*")]
    [InlineData("10.0.0.-5")]
    [InlineData("10.0.0.01-05")]
    [InlineData("0-255.0-255.0-255.1")]
    [InlineData("10.0.0.0/255.255.255.0")]
    [InlineData("host:22")]
    [InlineData("b\u00FCro.example")]
    [InlineData("http://10.0.0.1")]
    public void What_is_no_target_is_named_with_a_way_out(string typed)
    {
        var error = Assert.Throws<ScanEngineException>(() => TargetList.Parse([typed]));
        Assert.Equal(FaultCode.TargetInvalid, error.Code);
        Assert.Equal(typed, error.Target);
        Assert.NotEmpty(error.Recommendation);
    }

    [Theory]
    [InlineData("10.0.0.5/24", "10.0.0.0/24")]
    [InlineData("2001:db8::5/120", "2001:db8::/120")]
    public void Host_bits_in_a_block_are_refused_and_the_right_network_is_named(string typed, string right)
    {
        var error = Assert.Throws<ScanEngineException>(() => TargetList.Parse([typed]));
        Assert.Contains(right, error.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void No_target_at_all_is_an_error()
    {
        foreach (string[] none in new string[][] { [], [""], [" ", "# nothing"], ["\uFEFF\u200B"] })
        {
            Assert.Equal(
                FaultCode.TargetInvalid, Assert.Throws<ScanEngineException>(() => TargetList.Parse(none)).Code);
        }
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    [InlineData("::/1")]
    [InlineData("2001:db8::/64")]
    [InlineData("10.0.0.0/8")]
    public void A_block_over_the_cap_is_refused_without_being_expanded(string typed)
    {
        Assert.Equal(
            FaultCode.TooManyTargets, Assert.Throws<ScanEngineException>(() => TargetList.Parse([typed])).Code);
    }

    [Fact]
    public void A_big_block_costs_no_memory_and_is_indexed()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        TargetList list = TargetList.Parse(["10.0.0.0/9"]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Equal(1L << 23, list.Count);
        Assert.Equal("10.127.255.255", list[list.Count - 1]);
    }

    [Fact]
    public void Names_follow_the_addresses_as_typed_and_count_once_whatever_their_case()
    {
        TargetList list = TargetList.Parse(["zulu.example", "10.0.0.2", "Alpha.example", "ZULU.example", "10.0.0.1"]);
        Assert.Equal(["10.0.0.1", "10.0.0.2", "zulu.example", "Alpha.example"], All(list));
    }

    [Fact]
    public void An_index_outside_is_refused()
    {
        TargetList list = TargetList.Parse(["10.0.0.0/30", "a.example"]);
        Assert.Throws<ArgumentOutOfRangeException>(() => list[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => list[5]);
    }

    [Fact]
    public void Overlaps_count_once_and_the_order_typed_does_not_matter()
    {
        var range =
            from v6 in Gen.Choose(0, 1)
            from a in Gen.Choose(0, 255)
            from b in Gen.Choose(0, 255)
            select (V6: v6 == 1, First: Math.Min(a, b), Last: Math.Max(a, b));
        Prop.ForAll(Gen.NonEmptyListOf(range).Select(l => l.ToList()).ToArbitrary(), ranges =>
        {
            List<string> typed = ranges.ConvertAll(r => r.V6
                ? $"2001:db8::{r.First:x}-2001:db8::{r.Last:x}"
                : $"10.0.0.{r.First}-{r.Last}");
            string[] expected = ranges
                .SelectMany(r => Enumerable.Range(r.First, r.Last - r.First + 1).Select(n => (r.V6, n)))
                .Distinct().Order()
                .Select(t => IPAddress.Parse(t.V6 ? $"2001:db8::{t.n:x}" : $"10.0.0.{t.n}").ToString()).ToArray();
            TargetList list = TargetList.Parse(typed);
            return expected.SequenceEqual(All(list))
                && expected.SequenceEqual(All(TargetList.Parse(Enumerable.Reverse(typed))));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_text_is_a_target_or_a_ScanEngineException()
    {
        string alphabet = "0123456789abcdef.:-/%[]* fxz_,;#\u00e9\n\u2013\u200b\ud800";
        Gen<string> text = Gen.ListOf(Gen.Elements(alphabet.ToCharArray())).Select(l => string.Concat(l));
        Prop.ForAll(text.ToArbitrary(), typed =>
        {
            try
            {
                return TargetList.Parse([typed]).Count >= 1;
            }
            catch (ScanEngineException e)
            {
                return e.Code is FaultCode.TargetInvalid or FaultCode.TooManyTargets;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private static IEnumerable<string> All(TargetList list)
    {
        for (long i = 0; i < list.Count; i++)
        {
            yield return list[i];
        }
    }
}
