using System.Diagnostics;
using System.Globalization;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>B5, B6 and B7, which share a fleet that takes long to make.</summary>
internal sealed class IdleFleet : IBenchmark
{
    // Each needs a dozen open files, and a process has twenty thousand.
    private const int EnginesPerDriver = 500;
    private const int EnginesPerAddress = 50;
    private const double Kibibyte = 1024;

    public string Name => "B5";

    public string Purpose =>
        "B5 memory of an idle engine, B6 the console at rest, B7 all come back after kill -9; peer: raw TLS";

    public string? WhyNot(Options options) => NetworkNamespace.WhyNot();

    public async Task RunAsync(Options options, Report report)
    {
        int count = options.Quick ? 20 : options.Engines ?? 1000;
        TimeSpan rest = TimeSpan.FromSeconds(options.Amount(2, 45));

        // What the opening of so many channels left to do, the compiler's work above all, is not the console at rest.
        TimeSpan settle = TimeSpan.FromSeconds(options.Amount(0, 150));

        // The console lets in 64 unknown connections of one address at once, so the engines come from many.
        using var space = NetworkNamespace.CreateAlone();
        for (int i = 0; i <= count / EnginesPerAddress; i++)
        {
            space.Run("ip", "route", "add", "local", ConsoleFor(i), "dev", "lo", "src", SourceFor(i), "table", "local");
        }

        await using FleetLab lab = FleetLab.Make(
            count,
            CommunicationDirection.EngineToConsole,
            inMemory: true,
            number => ConsoleFor(number / EnginesPerAddress));
        await lab.StartConsoleAsync(space.Name);

        // Outside the namespace, whose traffic is the product's alone.
        await using Child rawServer = Child.Self(RawFleet.Server);
        string port = await rawServer.HearAsync();
        await using Child rawClients = Child.Self(RawFleet.Clients, port, FormattableString.Invariant($"{count}"));
        List<Child> drivers = [];
        try
        {
            for (int first = 0; first < count; first += EnginesPerDriver)
            {
                drivers.Add(await lab.StartDriverAsync(first, Math.Min(EnginesPerDriver, count - first), space.Name));
            }

            long consoleBefore = Use.Anonymous(lab.ConsoleProcess);
            long started = Stopwatch.GetTimestamp();
            await Task.WhenAll(drivers.Select(driver => driver.AskAsync("start")));
            await AllOpenAsync(drivers, count);
            double first1 = Stopwatch.GetElapsedTime(started).TotalSeconds;
            (_, int failedFirst) = await OpenAsync(drivers);
            long rawBefore = (await rawServer.UseAsync()).AnonymousBytes;
            double rawFirst = double.Parse(await rawClients.AskAsync("connect"), CultureInfo.InvariantCulture);

            await SayReasonsAsync(report, drivers);
            report.Begin("B6", FormattableString.Invariant($"the console at rest with {count} engines"));
            await Task.Delay(settle);
            double cpu = Use.CpuOf(lab.ConsoleProcess);
            double rawCpu = Use.CpuOf(rawServer.Id);
            long bytes = Use.LoopbackBytes(lab.ConsoleProcess);
            await Task.Delay(rest);
            double rate = (Use.LoopbackBytes(lab.ConsoleProcess) - bytes) / rest.TotalSeconds / count;
            double perEngine = (Use.CpuOf(lab.ConsoleProcess) - cpu) / rest.TotalSeconds / count * 1e6;
            double rawPerEngine = (Use.CpuOf(rawServer.Id) - rawCpu) / rest.TotalSeconds / count * 1e6;
            report.Figure("processor time an engine", "raw TLS", new Series([rawPerEngine]), "us/s");
            report.Judge("console at rest, processor time an engine", new Series([perEngine]), Target.Most(6), "us/s");
            report.Say(FormattableString.Invariant($"   that is {perEngine:0.0} % of a core for 10,000"));
            report.Say(FormattableString.Invariant(
                $"   on the wire {rate:0.0} B/s an engine, both ways; the console's store {lab.StoreBytes / count:0} B an engine"));

            report.Begin("B5", FormattableString.Invariant($"memory of {count} idle engines, as it is"));
            double ours = (Use.Anonymous(lab.ConsoleProcess) - consoleBefore) / Kibibyte / count;
            double raw = ((await rawServer.UseAsync()).AnonymousBytes - rawBefore) / Kibibyte / count;
            report.Figure("an idle engine", "raw TLS", new Series([raw]), "KiB");
            report.Figure("an idle engine", "product", new Series([ours]), "KiB");
            report.Judge("an idle engine, more than raw TLS", new Series([ours - raw]), Target.Most(10), "KiB");

            report.Begin("B7", FormattableString.Invariant($"{count} engines come back after kill -9"));
            await lab.KillConsoleAsync();
            (_, int failedBefore) = await OpenAsync(drivers);
            started = Stopwatch.GetTimestamp();
            await lab.StartConsoleAsync(space.Name);
            double listening = Stopwatch.GetElapsedTime(started).TotalSeconds;
            await AllOpenAsync(drivers, count);
            double back = Stopwatch.GetElapsedTime(started).TotalSeconds;
            (_, int failedAfter) = await OpenAsync(drivers);
            int failed = failedAfter - failedBefore;
            double opening = Use.CpuOf(lab.ConsoleProcess) * 1000 / count;
            double rawBack = double.Parse(await rawClients.AskAsync("connect"), CultureInfo.InvariantCulture);
            report.Figure("all open", "raw TLS, ungated", new Series([rawFirst, rawBack]), "s");
            report.Figure("all open", "product, first start", new Series([first1]), "s");
            report.Figure("all open", "product, after a kill", new Series([back]), "s");
            report.Say(FormattableString.Invariant(
                $"   listening after {listening:0.00} s; console CPU {opening:0.0} ms an engine; failed polls: {failedFirst} at first, {failed} after the kill"));
            await SayReasonsAsync(report, drivers);
            report.Judge("all back, time of raw TLS", new Series([back / rawBack]), Target.Most(1.3));
            report.Judge("tries that failed an engine", new Series([(double)failed / count]), Target.Most(0), "tries");
        }
        finally
        {
            foreach (Child driver in drivers)
            {
                await driver.DisposeAsync();
            }
        }
    }

    private static string ConsoleFor(int group) =>
        FormattableString.Invariant($"127.64.{group / 250}.{(group % 250) + 1}");

    private static string SourceFor(int group) =>
        FormattableString.Invariant($"127.65.{group / 250}.{(group % 250) + 1}");

    private static async Task<(int Open, int Failed)> OpenAsync(List<Child> drivers)
    {
        int open = 0;
        int failed = 0;
        foreach (Child driver in drivers)
        {
            string[] parts = (await driver.AskAsync("open")).Split(' ');
            open += int.Parse(parts[0], CultureInfo.InvariantCulture);
            failed += int.Parse(parts[1], CultureInfo.InvariantCulture);
        }

        return (open, failed);
    }

    private static async Task SayReasonsAsync(Report report, List<Child> drivers)
    {
        foreach (Child driver in drivers)
        {
            if (await driver.AskAsync("reasons") is { Length: > 0 } reasons)
            {
                report.Say($"   polls failed: {reasons}");
            }
        }
    }

    private static async Task AllOpenAsync(List<Child> drivers, int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        while ((await OpenAsync(drivers)).Open < count)
        {
            await Task.Delay(50, patience.Token);
        }
    }
}
