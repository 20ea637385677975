using Newtonsoft.Json;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>What do you see of the way of that direction, from your end?</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record ReachabilityAsk
{
    /// <summary>What a filler may have at most, each way: with it the message still fits a frame.</summary>
    public const int MostFill = 8 * 1024;

    public required CommunicationDirection Direction { get; init; }

    /// <summary>The port that is dialled under that direction, as the asker knows it.</summary>
    public required int Port { get; init; }

    /// <summary>How far back arrivals of the asker's connections matter.</summary>
    public required int WithinSeconds { get; init; }

    /// <summary>Whether listener and rule are to be looked at, or only this connection.</summary>
    public required bool Look { get; init; }

    /// <summary>How long a filler the answer shall carry: large packets show a path that loses them.</summary>
    public required int FillAnswer { get; init; }

    /// <summary>Without meaning; only its length matters.</summary>
    [JsonProperty(Required = Required.Default)]
    public string? Fill { get; init; }
}

/// <summary>What one end sees of a way: its listener, its filter, what arrived.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record ReachabilityReport
{
    public required ListenerState Listener { get; init; }

    public required string ListenerText { get; init; }

    /// <summary>Where the node really listens, if it does.</summary>
    [JsonProperty(Required = Required.Default)]
    public int? ListenPort { get; init; }

    /// <summary>What this host's filter does with the connection: in where it listens, out where it dials.</summary>
    public required FirewallTestOutcome Rule { get; init; }

    public required string RuleText { get; init; }

    /// <summary>Whether a connection came from the asker within the time; null where that is not remembered.</summary>
    [JsonProperty(Required = Required.Default)]
    public bool? Arrived { get; init; }

    public required string ArrivedText { get; init; }

    /// <summary>The source address that this end sees the asker with.</summary>
    public required string SeenFrom { get; init; }

    public required string Product { get; init; }

    public required int MinVersion { get; init; }

    public required int MaxVersion { get; init; }

    public required long ClockUnixMs { get; init; }

    [JsonProperty(Required = Required.Default)]
    public string? Fill { get; init; }
}

/// <summary>Dial me once over that direction, change nothing, and tell what you saw.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record ProbeYouAsk
{
    public required CommunicationDirection Direction { get; init; }

    /// <summary>One of the asker's own addresses; absent: where the answering side would dial it.</summary>
    [JsonProperty(Required = Required.Default)]
    public string? Address { get; init; }

    /// <summary>Absent: the port that the answering side would dial.</summary>
    [JsonProperty(Required = Required.Default)]
    public int? Port { get; init; }

    public required int TimeoutMs { get; init; }
}

/// <summary>What the dialling end saw.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record DiallerView
{
    public required string EndPoint { get; init; }

    public required bool Succeeded { get; init; }

    /// <summary>
    /// The fault's name; null when there was none. A name that this version does not know is no fault it can judge.
    /// </summary>
    [JsonProperty(Required = Required.Default)]
    public string? Fault { get; init; }

    /// <summary>The refusal's name, where the other side refused.</summary>
    [JsonProperty(Required = Required.Default)]
    public string? Refusal { get; init; }

    /// <summary>Large packets were lost while small ones passed.</summary>
    public required bool LosesLargePackets { get; init; }

    /// <summary>The stage that failed, or what was reached, in words.</summary>
    public required string Text { get; init; }

    public required FirewallTestOutcome Rule { get; init; }

    public required string RuleText { get; init; }
}
