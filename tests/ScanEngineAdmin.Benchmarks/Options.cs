using System.Globalization;

namespace ScanEngineAdmin.Benchmarks;

/// <summary>What to run and how much of it.</summary>
internal sealed record Options
{
    public const string Usage = """
        dotnet run -c Release --project tests/ScanEngineAdmin.Benchmarks -- [B1 B2 ...|all] [--quick] [--rounds N]
            [--engines N] [--json FILE] [--plot FILE]

        --quick      little of everything, one round: shows that it runs, its ratios mean nothing
        --rounds N   rounds of each comparison (7)
        --engines N  engines of B5 to B7, B9 and B13 (1000, B13: 100; B9: 50), rows beside the one of B8 (0)
        """;

    public IReadOnlyList<string> Names { get; init; } = [];

    public bool Quick { get; init; }

    public int? WantedRounds { get; init; }

    public int? Engines { get; init; }

    public string? Json { get; init; }

    public string? Plot { get; init; }

    public int Rounds => WantedRounds ?? (Quick ? 1 : 7);

    public bool Wants(string name) => Names.Count == 0 || Names.Contains("all") || Names.Contains(name);

    /// <summary>One amount of work in a quick run, another in a whole one.</summary>
    public T Amount<T>(T quick, T whole) => Quick ? quick : whole;

    /// <summary>Null when the arguments are not understood.</summary>
    public static Options? Parse(IReadOnlyList<string> args)
    {
        var options = new Options();
        for (int i = 0; i < args.Count; i++)
        {
            string? value = i + 1 < args.Count ? args[i + 1] : null;
            switch (args[i])
            {
                case "--quick":
                    options = options with { Quick = true };
                    continue;
                case "--rounds" when Number(value) is { } rounds:
                    options = options with { WantedRounds = rounds };
                    break;
                case "--engines" when Number(value) is { } engines:
                    options = options with { Engines = engines };
                    break;
                case "--json" when value is not null:
                    options = options with { Json = value };
                    break;
                case "--plot" when value is not null:
                    options = options with { Plot = value };
                    break;
                case var name when !name.StartsWith('-'):
                    options = options with { Names = [.. options.Names, Known(name)] };
                    continue;
                default:
                    return null;
            }

            i++;
        }

        return options;
    }

    // One fleet is made for the three of them.
    private static string Known(string name) => name.ToUpperInvariant() switch
    {
        "B5" or "B6" or "B7" => "B5",
        "ALL" => "all",
        var other => other,
    };

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : null;
}
