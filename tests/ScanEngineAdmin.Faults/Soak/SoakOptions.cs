using System.Globalization;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>What a soak is told on its command line.</summary>
internal sealed record SoakOptions
{
    // A namespace of the lab takes one of sixteen blocks of addresses.
    private const int MostEngines = 12;

    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(120);

    public int Seed { get; init; }

    public int Engines { get; init; } = 6;

    /// <summary>
    /// How long all may take to settle once it is healed: a back-off of two minutes with its jitter, and a half-open
    /// link before it.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The logs and stores are kept also when it passes.</summary>
    public bool Keep { get; init; }

    /// <summary>The same on a command line: the seed that was drawn goes to the process that runs it.</summary>
    public string[] Line =>
    [
        "--seconds", Time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture),
        "--seed", Seed.ToString(CultureInfo.InvariantCulture),
        "--engines", Engines.ToString(CultureInfo.InvariantCulture),
        "--patience", Patience.TotalSeconds.ToString("0", CultureInfo.InvariantCulture),
        .. Keep ? new[] { "--keep" } : [],
    ];

    /// <summary>Null when they are not understood.</summary>
    public static SoakOptions? Parse(IReadOnlyList<string> args)
    {
        var options = new SoakOptions { Seed = Random.Shared.Next(1, 1_000_000) };
        for (int i = 0; i < args.Count; i++)
        {
            if (args[i] == "--keep")
            {
                options = options with { Keep = true };
                continue;
            }

            if (i + 1 == args.Count
                || !int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                return null;
            }

            switch (args[i++])
            {
                case "--seconds" when number > 0:
                    options = options with { Time = TimeSpan.FromSeconds(number) };
                    break;
                case "--patience" when number > 0:
                    options = options with { Patience = TimeSpan.FromSeconds(number) };
                    break;
                case "--seed":
                    options = options with { Seed = number };
                    break;
                case "--engines" when number is > 0 and <= MostEngines:
                    options = options with { Engines = number };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
