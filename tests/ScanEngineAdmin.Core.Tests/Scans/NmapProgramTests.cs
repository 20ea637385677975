using System.Runtime.Versioning;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Scanning;
using ScanEngineAdmin.Scanning.Nmap;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>Which nmap is started, and whether it is.</summary>
public sealed class NmapProgramTests
{
    [Fact]
    public void Nothing_is_looked_for_where_the_policy_does_not_allow_it()
    {
        ScanEngineException refused = Assert.Throws<ScanEngineException>(() => NmapProgram.Require(
            new TargetPolicy(), () => throw new InvalidOperationException("It was looked for.")));

        Assert.Equal(FaultCode.ScanRefused, refused.Code);
        Assert.Contains(Environment.MachineName, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Set-EngineScanPolicy -AllowNmap $true", refused.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_absence_names_the_host_where_it_was_looked_for_and_what_to_do()
    {
        using var folder = new TemporaryFolder();
        ScanEngineException refused = Assert.Throws<ScanEngineException>(
            () => NmapProgram.Find([folder.Below("nmap")]));

        Assert.Equal(FaultCode.ScanRefused, refused.Code);
        Assert.Contains(Environment.MachineName, refused.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Below("nmap"), refused.Message, StringComparison.Ordinal);
        Assert.Contains("Install nmap", refused.Recommendation, StringComparison.Ordinal);
    }

    [Theory, NeedsLinux]
    [InlineData(UnixFileMode.OtherWrite, UnixFileMode.None, "others may write it")]
    [InlineData(UnixFileMode.GroupWrite, UnixFileMode.None, "others may write it")]
    [InlineData(UnixFileMode.None, UnixFileMode.OtherWrite, "may be written by others")]
    [UnsupportedOSPlatform("windows")]
    public void One_that_somebody_else_can_replace_is_not_started(UnixFileMode file, UnixFileMode folder, string why)
    {
        using var own = new TemporaryFolder();
        string path = own.Below("nmap");
        File.WriteAllText(path, string.Empty);
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.SetUnixFileMode(path, mine | file);
        File.SetUnixFileMode(own.Path, mine | folder);

        ScanEngineException refused = Assert.Throws<ScanEngineException>(() => NmapProgram.Find([path]));

        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact, NeedsLinux]
    public void A_link_is_not_followed()
    {
        using var own = new TemporaryFolder();
        File.CreateSymbolicLink(own.Below("nmap"), "/bin/true");

        Assert.Throws<ScanEngineException>(() => NmapProgram.Find([own.Below("nmap")]));
    }

    [Theory, NeedsLinux]
    [InlineData("scripts/x.nse")]
    [InlineData("nselib/data/x.lst")]
    [InlineData("nmap-service-probes")]
    [InlineData("nse_main.lua")]
    [UnsupportedOSPlatform("windows")]
    public void Nor_is_one_whose_scripts_or_probes_somebody_else_can_replace(string part)
    {
        using var own = new TemporaryFolder();
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        string path = Made(own.Below("bin/nmap"));
        string loaded = Made(own.Below("share/nmap/" + part));
        Assert.Equal(own.Below("share/nmap"), NmapProgram.Find([path]).DataFolder);
        File.SetUnixFileMode(loaded, mine | UnixFileMode.OtherWrite);

        ScanEngineException refused = Assert.Throws<ScanEngineException>(() => NmapProgram.Find([path]));

        Assert.Contains($"{loaded}, which it loads: others may write it", refused.Message, StringComparison.Ordinal);

        static string Made(string file)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, string.Empty);
            File.SetUnixFileMode(file, mine);
            return file;
        }
    }

    [Theory, NeedsLinux]
    [InlineData("#!/bin/sh\nexit 0\n", true)]
    [InlineData("#!/bin/sh\necho \"setpriv: unrecognized option '--pdeathsig'\" >&2; exit 1\n", false)]
    [InlineData("no program", false)]
    [UnsupportedOSPlatform("windows")]
    public void A_setpriv_that_is_too_old_is_not_used(string script, bool used)
    {
        using var own = new TemporaryFolder();
        string path = own.Below("setpriv");
        File.WriteAllText(path, script);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        Assert.Equal(used, Setpriv.HasDeathSignal(path));
    }

    [Fact]
    public void A_rate_that_one_scan_has_is_taken_by_no_other_until_it_is_back()
    {
        var time = new ManualTime();
        var bucket = new RateBucket(100, time);
        using (RateShare share = bucket.Lend(0))
        {
            using RateShare second = bucket.Lend(10);
            Assert.Equal((50.0, 10.0), (share.Rate, second.Rate));
            Assert.InRange(Taken(), 399, 401);
        }

        Assert.InRange(Taken(), 999, 1_001);
        bucket = new RateBucket(1, time);
        Assert.True(bucket.TryTake());
        RateShare[] four = [.. Enumerable.Range(0, 4).Select(_ => bucket.Lend(1))];
        time.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal([0.5, 0.25, 0.125, 0.0625], four.Select(share => share.Rate));
        Assert.True(bucket.TryTake(), "Nothing of the rate is left for a scan that lends none.");

        int Taken()
        {
            int taken = 0;
            for (int tick = 0; tick < 100; tick++)
            {
                time.Pass(TimeSpan.FromMilliseconds(100));
                while (bucket.TryTake())
                {
                    taken++;
                }
            }

            return taken;
        }
    }
}
