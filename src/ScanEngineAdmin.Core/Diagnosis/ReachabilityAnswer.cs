using Newtonsoft.Json;
using ScanEngineAdmin.Core.Messages;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>What the running node found out; each part that could not be had is absent.</summary>
internal sealed record ReachabilityAnswer
{
    /// <summary>What the other end sees.</summary>
    public ReachabilityReport? Other { get; init; }

    /// <summary>What this end's running node sees: only it knows what arrived at its listener.</summary>
    public ReachabilityReport? Own { get; init; }

    /// <summary>What the other end saw when it dialled.</summary>
    public DiallerView? Probe { get; init; }

    /// <summary>What the other end says of its host's filter.</summary>
    public HostFirewallFacts? Firewall { get; init; }

    /// <summary>Why the other end could not be asked; empty if it was.</summary>
    public string NotAsked { get; init; } = string.Empty;

    [JsonProperty(Required = Required.Always)]
    public required long AnsweredUnixMs { get; init; }
}
