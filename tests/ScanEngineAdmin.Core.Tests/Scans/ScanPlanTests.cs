using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.Scans;

public sealed class ScanPlanTests
{
    private static readonly ScanRequest Sound = new() { Targets = ["10.0.0.0/30"], Ports = "22,80" };

    [Fact]
    public void A_sound_request_becomes_a_plan()
    {
        Assert.Equal(8, ScanPlan.Create(Sound).Units);
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        (string Name, ScanRequest Request)[] unsound =
        [
            ("Timeout", Sound with { Timeout = TimeSpan.FromMilliseconds(49) }),
            ("Timeout", Sound with { Timeout = TimeSpan.FromMinutes(5.1) }),
            ("Timeout", Sound with { Timeout = TimeSpan.FromMinutes(2.6), Scanner = ScannerKind.Nmap }),
            ("Parallelism", Sound with { Parallelism = 0 }),
            ("Parallelism", Sound with { Parallelism = 4_097 }),
            ("MaxRate", Sound with { MaxRate = -1 }),
            ("MaxRate", Sound with { MaxRate = 1_000_001 }),
            ("BannerTimeout", Sound with { BannerTimeout = TimeSpan.FromTicks(-1) }),
            ("BannerTimeout", Sound with { BannerTimeout = TimeSpan.FromSeconds(31) }),
        ];
        Assert.All(unsound, u =>
        {
            var error = Assert.Throws<ScanEngineException>(() => ScanPlan.Create(u.Request));
            Assert.Equal((FaultCode.OptionInvalid, u.Name), (error.Code, error.Target));
        });
    }

    [Fact]
    public void Targets_times_ports_are_capped_and_the_numbers_named()
    {
        var error = Assert.Throws<ScanEngineException>(
            () => ScanPlan.Create(Sound with { Targets = ["10.0.0.0/16"], Ports = "1-1000" }));
        Assert.Equal(FaultCode.TooManyTargets, error.Code);
        Assert.Contains("65536 targets with 1000 ports", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_peer_left_out_is_an_error_and_not_a_crash()
    {
        Assert.Throws<ScanEngineException>(() => ScanPlan.Create(Sound with { Targets = null! }));
        Assert.Throws<ScanEngineException>(() => ScanPlan.Create(Sound with { Targets = [null!] }));
        Assert.Throws<ScanEngineException>(() => ScanPlan.Create(Sound with { Ports = null! }));
    }
}
