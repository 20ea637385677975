using System.Globalization;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>A replacement under way, as <c>node.rotation</c> holds it: the one truth of how far it is.</summary>
internal sealed record CertificateRotation
{
    private const string Head = "scanengine rotation 1";

    public required Guid RotationId { get; init; }

    public required CertificatePhase Phase { get; init; }

    public required Fingerprint Old { get; init; }

    public required Fingerprint New { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Switched { get; init; }

    /// <summary>Every peer has heard the end: what is left is to put the files in their places.</summary>
    public bool Closing { get; init; }

    /// <summary>Whether the new certificate is the node's identity now.</summary>
    public bool ShowsNew => Phase is CertificatePhase.Switched or CertificatePhase.Finishing;

    /// <summary>The identity that every peer shall end with.</summary>
    public Fingerprint Target => Phase == CertificatePhase.RollingBack ? Old : New;

    public string Write() => string.Join(
        '\n',
        Head,
        $"id {RotationId:D}",
        $"phase {Phase}",
        $"old {Old.Hex}",
        $"new {New.Hex}",
        $"started {Started:O}",
        $"switched {Switched?.ToString("O", CultureInfo.InvariantCulture) ?? "-"}",
        $"closing {(Closing ? "yes" : "no")}",
        string.Empty);

    /// <summary>Null when the text is not one.</summary>
    public static CertificateRotation? Parse(string text)
    {
        string[] lines = text.Split('\n');
        if (lines[0] != Head)
        {
            return null;
        }

        Dictionary<string, string> values = lines.Skip(1)
            .Select(line => line.Split(' ', 2))
            .Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[0], parts => parts[1])
            .ToDictionary(group => group.Key, group => group.Last());
        bool whole = Guid.TryParse(values.GetValueOrDefault("id"), out Guid id)
            & Enum.TryParse(values.GetValueOrDefault("phase"), out CertificatePhase phase)
            & Fingerprint.TryParse(values.GetValueOrDefault("old"), out Fingerprint old)
            & Fingerprint.TryParse(values.GetValueOrDefault("new"), out Fingerprint next)
            & Time("started") is not null;
        return !whole || !Enum.IsDefined(phase) || phase == CertificatePhase.Settled
            ? null
            : new CertificateRotation
            {
                RotationId = id,
                Phase = phase,
                Old = old,
                New = next,
                Started = Time("started")!.Value,
                Switched = Time("switched"),
                Closing = values.GetValueOrDefault("closing") == "yes",
            };

        DateTimeOffset? Time(string key) => DateTimeOffset.TryParseExact(
            values.GetValueOrDefault(key),
            "O",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out DateTimeOffset at)
            ? at
            : null;
    }
}
