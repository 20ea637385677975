using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>What this layer says in a hello: the pairing, and how the speaker sees its direction.</summary>
internal sealed record HelloFacts
{
    /// <summary>Far above what changes of direction reach: a peer must not use up the numbers after it.</summary>
    public const long MaxEpoch = 1L << 48;

    public Guid? PairingId { get; init; }

    public CommunicationDirection? Direction { get; init; }

    public long? Epoch { get; init; }

    /// <summary>The change of direction that the speaker is proving (console) or in doubt about (engine).</summary>
    public Guid? ChangeId { get; init; }

    /// <summary>
    /// Instead of that, from an engine that dials the console's previous address: it is in doubt about that change, and
    /// this connection proves nothing of it.
    /// </summary>
    public Guid? Doubt { get; init; }

    /// <summary>A direction that the engine's own admin proposes.</summary>
    public CommunicationDirection? Proposal { get; init; }

    /// <summary>Which copy of a console this is; absent: the first.</summary>
    public long? Generation { get; init; }

    /// <summary>
    /// Whether a firewall applier runs on the engine's host; null from one that knows of none, and is not to be asked.
    /// </summary>
    public bool? ApplierRuns { get; init; }

    /// <summary>A test of reachability: a round trip and nothing else.</summary>
    public bool Probe { get; init; }

    /// <summary>
    /// Whether the speaker knows what came to scans later: ScanStart's optional members, and ScanHeld. It is said of
    /// itself by whoever speaks here.
    /// </summary>
    public bool ScanTerms { get; init; } = true;

    /// <summary>Whether the speaker knows what a scan excludes (ScanStart's Exclude).</summary>
    public bool ScanExclude { get; init; } = true;

    /// <summary>Whether the speaker knows a stop after which the scan goes on (ScanStop's GoesOn).</summary>
    public bool ScanSuspend { get; init; } = true;

    /// <summary>Whether the speaker knows a scan that is lent (LeaseUntilMs of ScanStart and ScanSync).</summary>
    public bool ScanLease { get; init; } = true;

    /// <summary>Whether the speaker knows a finding's address and time.</summary>
    public bool FindingOrigins { get; init; } = true;

    /// <summary>Whether the speaker knows that there is more than one scanner (ScanStart's Scanner).</summary>
    public bool ScanScanner { get; init; } = true;

    public IReadOnlyDictionary<string, string> ToProperties()
    {
        var properties = new Dictionary<string, string>();
        Put("pairing", PairingId?.ToString("D"));
        Put("direction", Direction?.ToString());
        Put("epoch", Epoch?.ToString(CultureInfo.InvariantCulture));
        Put("change", ChangeId?.ToString("D"));
        Put("doubt", Doubt?.ToString("D"));
        Put("proposal", Proposal?.ToString());
        Put("generation", Generation?.ToString(CultureInfo.InvariantCulture));
        Put("applier", ApplierRuns switch
        {
            true => "running",
            false => "none",
            null => null,
        });
        Put("purpose", Probe ? "probe" : null);
        Put("scan-terms", ScanTerms ? "1" : null);
        Put("scan-exclude", ScanExclude ? "1" : null);
        Put("scan-suspend", ScanSuspend ? "1" : null);
        Put("lease-clock", ScanLease ? "1" : null);
        Put("finding-origins", FindingOrigins ? "1" : null);
        Put("scan-scanner", ScanScanner ? "1" : null);
        return properties;

        void Put(string key, string? value)
        {
            if (value is not null)
            {
                properties[key] = value;
            }
        }
    }

    /// <summary>Facts that are missing or not readable are null: whoever needs one refuses.</summary>
    public static HelloFacts From(PeerHello hello)
    {
        IReadOnlyDictionary<string, string> properties = hello.Properties;
        return new HelloFacts
        {
            PairingId = Guid.TryParse(properties.GetValueOrDefault("pairing"), out Guid pairing) ? pairing : null,
            Direction = Read("direction"),
            Proposal = Read("proposal"),
            Epoch = Number("epoch") is { } epoch and <= MaxEpoch ? epoch : null,
            Generation = Number("generation"),
            ChangeId = Guid.TryParse(properties.GetValueOrDefault("change"), out Guid change) ? change : null,
            Doubt = Guid.TryParse(properties.GetValueOrDefault("doubt"), out Guid doubt) ? doubt : null,
            ApplierRuns = properties.GetValueOrDefault("applier") switch
            {
                "running" => true,
                "none" => false,
                _ => null,
            },
            Probe = properties.GetValueOrDefault("purpose") == "probe",
            ScanTerms = properties.ContainsKey("scan-terms"),
            ScanExclude = properties.ContainsKey("scan-exclude"),
            ScanSuspend = properties.ContainsKey("scan-suspend"),
            ScanLease = properties.ContainsKey("lease-clock"),
            FindingOrigins = properties.ContainsKey("finding-origins"),
            ScanScanner = properties.ContainsKey("scan-scanner"),
        };

        long? Number(string key) => long.TryParse(
            properties.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number : null;

        CommunicationDirection? Read(string key) =>
            Enum.TryParse(properties.GetValueOrDefault(key), out CommunicationDirection direction)
                && Enum.IsDefined(direction) ? direction : null;
    }
}
