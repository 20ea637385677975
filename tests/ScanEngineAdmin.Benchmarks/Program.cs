using ScanEngineAdmin.Benchmarks;
using ScanEngineAdmin.Benchmarks.Fleet;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Benchmarks.Wire;

// The other processes of a benchmark are this program too.
switch (args)
{
    case [WireServer.Command]:
        return await WireServer.RunAsync();
    case [EngineDriver.Command, .. string[] rest]:
        return await EngineDriver.RunAsync(rest);
    case [RawFleet.Server]:
        return await RawFleet.ServeAsync();
    case [RawFleet.Clients, .. string[] rest]:
        return await RawFleet.ConnectAsync(rest);
    case [TimedScan.Command, .. string[] rest]:
        return await TimedScan.RunAsync(rest);
    default:
        break;
}

IBenchmark[] all = typeof(IBenchmark).Assembly.GetTypes()
    .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IBenchmark)))
    .Select(type => (IBenchmark)Activator.CreateInstance(type)!)
    .OrderBy(benchmark => benchmark.Name.Length)
    .ThenBy(benchmark => benchmark.Name, StringComparer.Ordinal)
    .ToArray();
if (Options.Parse(args) is not { } options
    || options.Names.FirstOrDefault(name => name != "all" && all.All(one => one.Name != name)) is not null)
{
    await Console.Error.WriteLineAsync(Options.Usage);
    foreach (IBenchmark benchmark in all)
    {
        await Console.Error.WriteLineAsync($"  {benchmark.Name,-4} {benchmark.Purpose}");
    }

    return 2;
}

ShippedProgram.IsQuick = options.Quick;
var report = new Report(Console.Out);
report.Say(Machine.Describe(options));
foreach (IBenchmark benchmark in all.Where(one => options.Wants(one.Name)))
{
    report.Begin(benchmark.Name, benchmark.Purpose);
    if (benchmark.WhyNot(options) is { } reason)
    {
        report.Missing(benchmark.Name, reason);
        continue;
    }

    await benchmark.RunAsync(options, report);
}

report.Close();
if (options.Json is { } json)
{
    await File.WriteAllTextAsync(json, report.ToJson(Machine.Describe(options)));
}

if (options.Plot is { } plot)
{
    await File.WriteAllTextAsync(plot, Picture.Draw(report.Bars, Machine.Describe(options)));
}

return 0;
