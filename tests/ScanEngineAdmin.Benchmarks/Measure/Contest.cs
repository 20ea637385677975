using System.Diagnostics;

namespace ScanEngineAdmin.Benchmarks.Measure;

/// <summary>
/// Contestants that do the same work by turns: round by round, each round in another order, so that a machine that
/// others use as well disturbs all of them alike.
/// </summary>
internal sealed class Contest
{
    private readonly List<(string Name, Func<Task<IReadOnlyDictionary<string, double>>> Run)> _contestants = [];
    private readonly Dictionary<(string Name, string Figure), List<double>> _figures = [];

    /// <summary>The figures of one are named by itself; all rounds must bring the same ones.</summary>
    public Contest Add(string name, Func<Task<IReadOnlyDictionary<string, double>>> run)
    {
        _contestants.Add((name, run));
        return this;
    }

    /// <summary>For work of which only the time counts, as seconds.</summary>
    public Contest AddTimed(string name, Func<Task> work) => Add(name, async () =>
    {
        long started = Stopwatch.GetTimestamp();
        await work();
        return new Dictionary<string, double> { ["s"] = Stopwatch.GetElapsedTime(started).TotalSeconds };
    });

    public bool Has(string name) => _contestants.Exists(one => one.Name == name);

    public async Task<Contest> RunAsync(int rounds, bool warmUp)
    {
        if (warmUp)
        {
            foreach ((_, Func<Task<IReadOnlyDictionary<string, double>>> run) in _contestants)
            {
                await run();
            }
        }

        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < _contestants.Count; i++)
            {
                (string name, Func<Task<IReadOnlyDictionary<string, double>>> run) =
                    _contestants[(i + round) % _contestants.Count];
                foreach ((string figure, double value) in await run())
                {
                    if (!_figures.TryGetValue((name, figure), out List<double>? values))
                    {
                        _figures.Add((name, figure), values = []);
                    }

                    values.Add(value);
                }
            }
        }

        return this;
    }

    public Series Of(string name, string figure) => new(_figures[(name, figure)]);

    public Series Ratio(string figure, string name, string limit) => Of(name, figure).Over(Of(limit, figure));
}
