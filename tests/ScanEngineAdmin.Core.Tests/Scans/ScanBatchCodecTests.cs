using FsCheck;
using FsCheck.Fluent;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Batches;

namespace ScanEngineAdmin.Core.Tests.Scans;

public sealed class ScanBatchCodecTests
{
    private static readonly Gen<Finding> AnyFinding =
        from unit in Gen.Choose(0, int.MaxValue)
        from target in Gen.Elements("10.0.0.1", "2001:db8::1", "h\u00e9.example", "a")
        from port in Gen.Choose(1, 65_535)
        from state in Gen.Elements(PortState.Open, PortState.Closed, PortState.Filtered)
        from micros in Gen.Choose(-1, 300_000_000)
        from banner in Gen.Elements(null, string.Empty, "SSH-2.0-x", new string('b', ScanLimits.MaxBannerBytes))
        from resolved in Gen.Elements(null, "10.0.0.9", "2001:db8::9")
        from found in Gen.Choose(-1, int.MaxValue)
        select new Finding(unit, target, port, state, micros < 0 ? null : TimeSpan.FromMicroseconds(micros), banner)
        {
            Resolved = resolved,
            Found = found < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds((long)found << 10),
        };

    private static readonly Gen<ScanBatch> AnyBatch =
        from number in Gen.Choose(1, int.MaxValue)
        from cursor in Gen.Choose(0, int.MaxValue)
        from total in Gen.Choose(0, int.MaxValue)
        from done in Gen.Choose(0, total)
        from final in Gen.Elements<ScanState?>(null, ScanState.Completed, ScanState.Failed, ScanState.Stopped)
        from detail in Gen.Elements(string.Empty, "a name did not resolve", new string('d', ScanLimits.MaxDetailBytes))
        from findings in Gen.ListOf(AnyFinding)
        select new ScanBatch
        {
            Number = number,
            Findings = [.. findings],
            Cursor = (long)cursor << 20,
            TargetsTotal = total,
            TargetsDone = done,
            Final = final,
            Detail = detail,
        };

    [Fact]
    public void A_batch_arrives_as_it_was_sent()
    {
        Prop.ForAll(AnyBatch.ToArbitrary(), batch => Same(batch, ScanBatchCodec.Decode(ScanBatchCodec.Encode(batch))))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_bytes_are_a_batch_or_a_FormatException()
    {
        Prop.ForAll<byte[]>(bytes => IsBatchOrRefused(bytes)
                && IsBatchOrRefused([1, 0, .. bytes]) && IsBatchOrRefused([1, 3, .. bytes]))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    [Fact]
    public void A_damaged_batch_is_a_batch_or_a_FormatException()
    {
        var damage =
            from batch in AnyBatch
            from at in Gen.Choose(0, int.MaxValue)
            from value in Gen.Choose(0, 255)
            select (Bytes: ScanBatchCodec.Encode(batch), At: at, Value: (byte)value);
        Prop.ForAll(damage.ToArbitrary(), d =>
        {
            d.Bytes[d.At % d.Bytes.Length] = d.Value;
            return IsBatchOrRefused(d.Bytes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] whole = ScanBatchCodec.Encode(Sample());
        Assert.All(
            Enumerable.Range(0, whole.Length),
            n => Assert.Throws<FormatException>(() => ScanBatchCodec.Decode(whole.AsSpan(0, n))));
        Assert.Throws<FormatException>(() => ScanBatchCodec.Decode([.. whole, 0]));
    }

    [Fact]
    public void A_count_that_lies_allocates_nothing()
    {
        byte[] lie = [1, 0, 1, 0, 0, 0, 0x80, 0x20];

        // The first failure of a process loads texts of the platform.
        Assert.Throws<FormatException>(() => ScanBatchCodec.Decode(lie));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<FormatException>(() => ScanBatchCodec.Decode(lie));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16_000);
    }

    [Fact]
    public void The_bytes_are_as_documented()
    {
        Assert.Equal(
            "01010702020100" + "02" + "080008" + "31302E302E302E31" + "16" + "E807" + "150150" + "0141",
            Convert.ToHexString(ScanBatchCodec.Encode(Sample())));
    }

    /// <summary>A console of an earlier version refuses flags that it does not know.</summary>
    [Fact]
    public void To_one_that_does_not_know_them_no_address_and_no_time_is_said()
    {
        ScanBatch sample = Sample();
        ScanBatch known = sample with
        {
            Findings = [.. sample.Findings.Select(one => one with
            {
                Resolved = "10.0.0.9",
                Found = DateTimeOffset.UnixEpoch.AddDays(20_000),
            })],
        };

        Assert.Equal(ScanBatchCodec.Encode(sample), ScanBatchCodec.Encode(known, origins: false));
        Assert.True(Same(known, ScanBatchCodec.Decode(ScanBatchCodec.Encode(known))));
    }

    [Theory]
    [InlineData("lab")]
    [InlineData("10.0.0.010")]
    [InlineData("fe80::1%1")]
    [InlineData("2001:DB8::1")]
    [InlineData("")]
    public void What_is_no_address_is_refused(string resolved)
    {
        ScanBatch sample = Sample();
        byte[] lie = ScanBatchCodec.Encode(sample with
        {
            Findings = [sample.Findings[0] with { Target = "lab", Resolved = resolved }],
        });
        Assert.Throws<FormatException>(() => ScanBatchCodec.Decode(lie));
    }

    [Fact]
    public void A_closed_port_of_the_same_target_costs_few_bytes()
    {
        Finding[] findings = Enumerable.Range(0, 512)
            .Select(i => new Finding(i, "10.0.0.1", i + 1, PortState.Closed, TimeSpan.FromMicroseconds(90), null))
            .ToArray();
        Assert.InRange(ScanBatchCodec.Encode(Sample() with { Findings = findings }).Length, 512, 512 * 7);
    }

    [Fact]
    public void A_batch_beyond_the_limits_is_not_encoded()
    {
        ScanBatch sample = Sample();
        Finding[] many = Enumerable.Repeat(sample.Findings[0], ScanLimits.MaxFindingsPerBatch + 1).ToArray();
        Assert.Throws<ArgumentException>(() => ScanBatchCodec.Encode(sample with { Findings = many }));
        Assert.Throws<ArgumentException>(() => ScanBatchCodec.Encode(sample with { Detail = new string('d', 2_049) }));
    }

    private static ScanBatch Sample() => new()
    {
        Number = 7,
        Cursor = 2,
        TargetsTotal = 2,
        TargetsDone = 1,
        Final = ScanState.Completed,
        Detail = string.Empty,
        Findings =
        [
            new Finding(0, "10.0.0.1", 22, PortState.Open, TimeSpan.FromMilliseconds(1), null),
            new Finding(1, "10.0.0.1", 80, PortState.Closed, null, "A"),
        ],
    };

    private static bool Same(ScanBatch a, ScanBatch b)
    {
        Finding[] none = [];
        return a.Findings.SequenceEqual(b.Findings) && a with { Findings = none } == b with { Findings = none };
    }

    private static bool IsBatchOrRefused(byte[] bytes)
    {
        try
        {
            return ScanBatchCodec.Decode(bytes).Findings.Count <= ScanLimits.MaxFindingsPerBatch;
        }
        catch (FormatException)
        {
            return true;
        }
    }
}
