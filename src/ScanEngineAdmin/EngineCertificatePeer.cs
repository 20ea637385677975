using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>One engine or console, as the replacement of this host's certificate concerns it.</summary>
public sealed class EngineCertificatePeer
{
    internal EngineCertificatePeer(CertificatePeer peer, string dataPath)
    {
        Name = peer.Name;
        State = peer.State;
        IsLagging = peer.IsLagging;
        LastContact = InputParser.Local(peer.LastContact);
        Detail = peer.Detail;
        DataPath = dataPath;
    }

    public string Name { get; }

    public CertificatePeerState State { get; }

    /// <summary>Whether the next phase waits for it.</summary>
    public bool IsLagging { get; }

    public DateTime? LastContact { get; }

    /// <summary>What it lacks.</summary>
    public string Detail { get; }

    public string DataPath { get; }

    public override string ToString() => $"{Name}: {State}";
}
