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

    /// <summary>Two rows of a file that ask for different things of one.</summary>
    public static ScanEngineException Twice(string? name) => new(
        FaultCode.OptionInvalid,
        $"'{name}' came through the pipeline before, with other values. The first are taken, and these are not.",
        "Leave one row for each.",
        name);

    /// <summary>Rows of a file may have a value each; no value is for two.</summary>
    /// <exception cref="ScanEngineException">OptionInvalid.</exception>
    public static void CheckEach(string parameter, IEnumerable<(string? Value, string Name)> wanted)
    {
        foreach (IGrouping<string, string> same in wanted.Where(one => one.Value is not null)
            .GroupBy(one => one.Value!, one => one.Name, StringComparer.OrdinalIgnoreCase))
        {
            Check(parameter, [.. same]);
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
