using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>
/// What a scan leaves out, in the same forms as targets. Addresses are taken out of the targets before they are
/// numbered; a host name takes out the target of that name, and the engine looks it up and takes out its addresses.
/// </summary>
internal sealed class Exclusions
{
    private Exclusions(AddressSet addresses, IReadOnlyList<string> names)
    {
        Addresses = addresses;
        Names = names;
    }

    public static Exclusions None { get; } = new(AddressSet.Empty, []);

    public AddressSet Addresses { get; }

    public IReadOnlyList<string> Names { get; }

    /// <summary>The same as one text each.</summary>
    public IReadOnlyList<string> Texts => [.. Addresses.Ranges.Select(static range => range.ToString()), .. Names];

    /// <exception cref="ScanEngineException">TargetInvalid, TooManyTargets.</exception>
    public static Exclusions Parse(IEnumerable<string>? texts)
    {
        if (texts is null)
        {
            return None;
        }

        List<(string Text, TargetText Target)> read;
        try
        {
            read = TargetReader.Read(texts);
        }
        catch (ScanEngineException e) when (e.Code is FaultCode.TargetInvalid or FaultCode.TooManyTargets)
        {
            throw new ScanEngineException(
                e.Code, $"Among the exclusions: {e.Message}", e.Recommendation, e.Target, e);
        }

        string[] names = [.. read.Select(static one => one.Target.Name).OfType<string>()
            .Distinct(StringComparer.OrdinalIgnoreCase)];
        return names.Length > ScanLimits.MaxNames
            ? throw TargetReader.TooMany(
                $"{names.Length} host names are excluded and {ScanLimits.MaxNames} are allowed")
            : new Exclusions(new AddressSet(read.SelectMany(static one => one.Target.Addresses ?? [])), names);
    }

    /// <summary>
    /// Whether the engine has to know of them: what an address is called, and which address a name has, is seen there.
    /// </summary>
    public bool ConcernEngine(TargetList targets) =>
        Names.Count > 0 || (Addresses.Ranges.Count > 0 && targets.Names.Count > 0);
}
