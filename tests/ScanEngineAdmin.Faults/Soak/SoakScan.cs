using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>One scan that the soak asked for.</summary>
internal sealed class SoakScan(
    uint number, SoakEngine engine, ScanRequest request, ScanVisits visits, IReadOnlyList<SoakHost> hosts)
{
    public uint Number { get; } = number;

    public SoakEngine Engine { get; } = engine;

    public ScanRequest Request { get; } = request;

    public ScanVisits Visits { get; } = visits;

    /// <summary>
    /// Null while it is not known whether the console's store took it, as asking may fail half way, and until the console
    /// begins one by a schedule.
    /// </summary>
    public Guid? ScanId { get; set; }

    /// <summary>An admin asked for its end.</summary>
    public bool StopAsked { get; set; }

    /// <summary>An admin lets it rest once, and go on.</summary>
    public bool IsToRest { get; init; }

    /// <summary>How often it was asked to rest.</summary>
    public int Rests { get; set; }

    /// <summary>The schedule by which the console begins it, once; null for one that is queued.</summary>
    public string? Schedule { get; init; }

    /// <summary>All engines share it.</summary>
    public bool IsShared { get; init; }

    public bool IsOver { get; private set; }

    /// <summary>How often the processes of its engines were ended while it ran.</summary>
    public int Ends { get; private set; }

    private int EndsBefore { get; } = hosts.Sum(host => host.Ends);

    /// <summary>The console's store says that it is over.</summary>
    public void Over()
    {
        IsOver = true;
        Ends = hosts.Sum(host => host.Ends) - EndsBefore;
        Visits.Over();
    }
}
