using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>A Scan Engine as its console knows it.</summary>
public sealed class ScanEngine
{
    internal ScanEngine(
        EngineRecord engine, int runningScans, int? consolePort, EngineUsage usage, string dataPath)
    {
        StoredBytes = usage.StoredBytes;
        Quota = usage.Limit;
        EngineId = engine.EngineId;
        Name = engine.Name;
        Address = engine.Address ?? engine.ObservedAddress;
        Port = engine.Port;
        Direction = engine.Direction;
        Paired = engine.State == EngineState.Paired;
        Status = engine.Status;
        StatusDetail = engine.StatusDetail;
        LastContact = InputParser.Local(engine.LastContact);
        NextExpected = InputParser.Local(engine.NextExpected);
        Fingerprint = engine.Pins.Count > 0 ? engine.Pins[0].ToString()
            : engine.ObservedFingerprint.IsEmpty ? null : engine.ObservedFingerprint.ToString();
        Version = engine.Version;
        RunningScans = runningScans;
        ConsolePort = consolePort;
        AllowFrom = new TextList(AllowedSources.Texts(AllowedSources.Read(engine.AllowFrom)));
        DataPath = dataPath;
    }

    /// <summary>The engine's own id, once it was met.</summary>
    public Guid? EngineId { get; }

    public string Name { get; }

    /// <summary>Where the console dials it; for a reverse engine where it was last seen.</summary>
    public string? Address { get; }

    public int Port { get; }

    public CommunicationDirection Direction { get; }

    /// <summary>Whether both identities are confirmed.</summary>
    public bool Paired { get; }

    public CommunicationStatus Status { get; }

    /// <summary>Why the status is what it is.</summary>
    public string StatusDetail { get; }

    public DateTime? LastContact { get; }

    public DateTime? NextExpected { get; }

    /// <summary>Its confirmed identity, else the one met at the last contact.</summary>
    public string? Fingerprint { get; }

    public string? Version { get; }

    public int RunningScans { get; }

    /// <summary>What the findings of its scans take at the console.</summary>
    public long StoredBytes { get; }

    /// <summary>What they may take.</summary>
    public long Quota { get; }

    /// <summary>Where a reverse engine dials the console; none before the console ran.</summary>
    public int? ConsolePort { get; }

    /// <summary>
    /// From where it may dial the console, as its admin says; none for the address that it is seen at.
    /// </summary>
    public TextList AllowFrom { get; }

    /// <summary>The data folder of the console that it is an engine of.</summary>
    public string DataPath { get; }

    public override string ToString() => Name;
}
