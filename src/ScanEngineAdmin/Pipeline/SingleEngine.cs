using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Pipeline;

/// <summary>What makes sense for one only is refused where several are named, before anything is changed.</summary>
internal static class SingleEngine
{
    private const int Shown = 5;

    /// <exception cref="ScanEngineException">OptionInvalid.</exception>
    public static void Check(string parameter, IReadOnlyCollection<string> named)
    {
        if (named.Count > 1)
        {
            string names = string.Join(", ", named.Take(Shown));
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"-{parameter} is for one engine, and {named.Count} are named: {names}"
                    + $"{(named.Count > Shown ? ", ..." : string.Empty)}. Nothing was changed.",
                "Name one engine.",
                names);
        }
    }

    /// <summary>No two can be dialled at one address and port.</summary>
    /// <exception cref="ScanEngineException">OptionInvalid.</exception>
    public static void CheckEndPoints(IEnumerable<(string? Address, int Port)> wanted)
    {
        string? twice = wanted.Where(one => one.Address is not null)
            .GroupBy(one => InputParser.EndPoint(one.Address, one.Port), StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(same => same.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"Several would be dialled at {twice}, where there can be one only. Nothing was changed.",
                "Name one, or give each its own address or port.",
                twice);
        }
    }
}
