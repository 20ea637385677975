using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>One scan that the soak asked for.</summary>
internal sealed class SoakScan(uint number, SoakEngine engine, ScanRequest request, ScanVisits visits)
{
    public uint Number { get; } = number;

    public SoakEngine Engine { get; } = engine;

    public ScanRequest Request { get; } = request;

    public ScanVisits Visits { get; } = visits;

    /// <summary>Null while it is not known whether the console's store took it: asking may fail half way.</summary>
    public Guid? ScanId { get; set; }

    /// <summary>An admin asked for its end.</summary>
    public bool StopAsked { get; set; }

    public bool IsOver { get; private set; }

    /// <summary>How often the engine's process was ended while it ran.</summary>
    public int Ends { get; private set; }

    private int EndsBefore { get; } = engine.Host.Ends;

    /// <summary>The console's store says that it is over.</summary>
    public void Over()
    {
        IsOver = true;
        Ends = Engine.Host.Ends - EndsBefore;
        Visits.Over();
    }
}
