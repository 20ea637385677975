using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.Admin;

/// <summary>What is asked of the console about a scan is checked before anything is written.</summary>
public sealed class ScanTermsTests : IDisposable
{
    private static readonly ScanRequest Request = new() { Targets = ["10.0.0.1"], Ports = "22" };
    private readonly AdminHost _host = new();
    private readonly EngineRecord _engine;

    public ScanTermsTests() => _engine = _host.AddPaired("lab", CommunicationDirection.EngineToConsole);

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(-60, 3)]
    [InlineData(0, 3)]
    [InlineData(31 * 86_400, 3)]
    [InlineData(60, 0)]
    [InlineData(60, ScanTerms.MostAttempts + 1)]
    public void Terms_out_of_range_are_refused(int seconds, int attempts)
    {
        var terms = new ScanTerms { Deadline = DateTimeOffset.UtcNow.AddSeconds(seconds), MaxAttempts = attempts };

        ScanEngineException fault = Assert.Throws<ScanEngineException>(
            () => _host.Console.Scans.Add(_engine.PairingId, Request, terms));

        Assert.Equal(FaultCode.OptionInvalid, fault.Code);
        Assert.Empty(_host.Console.Store.ListScans());
    }

    [Fact]
    public void Terms_are_kept_and_those_of_nobody_are_the_defaults()
    {
        DateTimeOffset deadline = DateTimeOffset.UtcNow.AddHours(2);
        ScanRecord scan = _host.Console.Scans.Add(
            _engine.PairingId,
            Request,
            new ScanTerms { Deadline = deadline, Priority = ScanPriority.High, MaxAttempts = 7 });
        Assert.Equal((deadline, ScanPriority.High, 7), (scan.Deadline, scan.Priority, scan.MaxAttempts));
        Assert.InRange(scan.DeadlineAfter!.Value, TimeSpan.FromMinutes(119), TimeSpan.FromHours(2));

        ScanRecord bare = _host.Console.Scans.Add(_engine.PairingId, Request);
        Assert.Equal((null, ScanPriority.Normal, 3), (bare.Deadline, bare.Priority, bare.MaxAttempts));
    }

    [Fact]
    public void A_deadline_to_come_stays_when_a_scan_is_resumed_and_a_new_one_replaces_it()
    {
        DateTimeOffset deadline = DateTimeOffset.UtcNow.AddHours(2);
        Guid id = _host.Console.Scans.Add(_engine.PairingId, Request, new ScanTerms { Deadline = deadline }).ScanId;
        _host.Console.Scans.Stop(id);
        Assert.Equal(deadline, _host.Console.Scans.Resume(id).Deadline);

        _host.Console.Scans.Stop(id);
        DateTimeOffset later = deadline.AddHours(1);
        Assert.Equal(later, _host.Console.Scans.Resume(id, later).Deadline);
        Assert.Equal(
            FaultCode.OptionInvalid,
            Assert.Throws<ScanEngineException>(() => _host.Console.Scans.Resume(id, deadline.AddDays(40))).Code);
    }
}
