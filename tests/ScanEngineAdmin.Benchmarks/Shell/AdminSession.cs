using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Benchmarks.Shell;

/// <summary>B11: what the module costs a PowerShell, with many engines and findings in the store.</summary>
internal sealed partial class AdminSession : IBenchmark
{
    private const int Piped = 100;

    public string Name => "B11";

    public string Purpose => "the module in PowerShell: import, 10,000 engines, completion, a million findings";

    public string? WhyNot(Options options) =>
        !File.Exists(Path.Combine(CheckoutFolder.Root, "module/bin/ScanEngineAdmin.dll")) ? "the module is not built"
        : Shell is null ? "PowerShell is not restored (dotnet tool restore)"
        : null;

    private static string? Shell
    {
        get
        {
            string version = ToolVersion().Match(
                File.ReadAllText(Path.Combine(CheckoutFolder.Root, ".config/dotnet-tools.json"))).Groups[1].Value;
            string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages");
            string system = OperatingSystem.IsWindows() ? "win" : "unix";
            string dll = Path.Combine(packages, "powershell", version, "tools/net10.0/any", system, "pwsh.dll");
            return File.Exists(dll) ? dll : null;
        }
    }

    public async Task RunAsync(Options options, Report report)
    {
        int engines = options.Amount(50, 10_000);
        int findings = options.Amount(500, 1_000_000);
        string module = Path.Combine(CheckoutFolder.Root, "ScanEngineAdmin.psd1");
        string empty = Path.Combine(CheckoutFolder.Root, "module/bin/ScanEngineAdmin.Scanning.dll");
        Contest import = await new Contest()
            .Add("a module without cmdlets", () => ImportAsync(empty))
            .Add("product", () => ImportAsync(module))
            .RunAsync(options.Rounds, warmUp: !options.Quick);
        foreach (string name in new[] { "a module without cmdlets", "product" })
        {
            report.Figure("Import-Module", name, import.Of(name, "import"), "ms");
        }

        report.Judge(
            "Import-Module, more than one without cmdlets",
            new Series([.. import.Of("product", "import").Values
                .Zip(import.Of("a module without cmdlets", "import").Values, static (ours, other) => ours - other)]),
            Target.Most(150),
            "ms");

        using var folder = new TemporaryFolder();
        string scan = Fill(DataFolder.Resolve(folder.Path), engines, findings);
        IReadOnlyDictionary<string, Series> times = await RunAsync(
            "-Module", module, "-Measure", "Session", "-DataPath", folder.Path, "-Name", "e00049", "-ScanId", scan,
            "-Piped", Text(Math.Min(Piped, engines)), "-Findings", Text(findings), "-Rounds", Text(options.Rounds));
        report.Judge($"Get-ScanEngine, {engines} engines", times["list"], Target.Most(120), "ms");
        report.Judge("Get-ScanEngine -Name", times["by name"], Target.Most(5), "ms");
        report.Judge(
            "engines piped into Get-ScanEngine, each",
            new Series([.. times["piped"].Values.Select(all => all / Math.Min(Piped, engines))]),
            Target.Most(1),
            "ms");
        report.Figure("completion", "product", times["completion"], "ms");
        report.Figure("completion", "PowerShell's own", times["own completion"], "ms");
        report.Judge("completion of an engine's name", times["completion"], Target.Most(25), "ms");
        report.Figure($"{findings} rows", "product, Receive-EngineScan", times["findings"], "ms");
        report.Figure($"{findings} rows", "numbers through the pipeline", times["numbers"], "ms");
        report.Judge($"Receive-EngineScan, {findings} findings", times["findings"], Target.Most(2500), "ms");
        report.Judge(
            "Receive-EngineScan, time of numbers", times["findings"].Over(times["numbers"]), Target.Most(1.25));
        report.Judge("peak memory of the session", times["peak"], Target.Most(200), "MiB");

        static async Task<IReadOnlyDictionary<string, double>> ImportAsync(string module) =>
            (await RunAsync("-Module", module, "-Measure", "Import"))
                .ToDictionary(one => one.Key, one => one.Value.Median);
    }

    private static async Task<IReadOnlyDictionary<string, Series>> RunAsync(params string[] args)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Shell/Time-Module.ps1");
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(
            host, [Shell!, "-NoProfile", "-NonInteractive", "-File", script, .. args])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        using Process shell = Process.Start(start)!;
        string output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        if (shell.ExitCode != 0)
        {
            throw new InvalidOperationException("PowerShell failed: " + output);
        }

        return JsonSerializer.Deserialize<Dictionary<string, double[]>>(output)!
            .ToDictionary(one => one.Key, one => new Series(one.Value));
    }

    private static string Fill(DataFolder folder, int engines, int findings)
    {
        using IConsoleStore store = new SqliteStoreProvider().OpenConsole(folder.EnsureConsole());
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Guid first = Guid.Empty;
        for (int i = 0; i < engines; i++)
        {
            var engine = new EngineRecord
            {
                PairingId = Guid.NewGuid(),
                EngineId = Guid.NewGuid(),
                Name = FormattableString.Invariant($"e{i:00000}"),
                Address = "192.0.2.1",
                Direction = CommunicationDirection.EngineToConsole,
                State = EngineState.Paired,
                Registered = now,
                LastContact = now,
                Status = CommunicationStatus.Active,
            };
            first = i == 0 ? engine.PairingId : first;
            store.AddEngine(engine);
        }

        var scan = new ScanRecord
        {
            ScanId = Guid.NewGuid(),
            PairingId = first,
            EngineName = "e00000",
            Request = new ScanRequest { Targets = ["192.0.2.0/24"], Ports = "1-65535" },
            State = ScanState.Dispatched,
            Attempt = 1,
            Queued = now,
        };
        store.AddScan(scan);
        const int Batch = 4096;
        for (int from = 0, number = 1; from < findings; from += Batch, number++)
        {
            int count = Math.Min(Batch, findings - from);
            int start = from;
            var batch = new ScanBatch
            {
                Number = number,
                Findings = [.. Enumerable.Range(0, count).Select(i => new Finding(
                    start + i,
                    "192.0.2.1",
                    ((start + i) % 65535) + 1,
                    PortState.Closed,
                    TimeSpan.FromTicks(12345),
                    null))],
                Cursor = from + count,
                TargetsTotal = 1,
                TargetsDone = 0,
                Final = from + count == findings ? ScanState.Completed : null,
            };
            store.SaveBatch(first, scan.ScanId, 1, batch, now);
        }

        return $"{scan.ScanId:D}";
    }

    private static string Text(int number) => FormattableString.Invariant($"{number}");

    [GeneratedRegex("\"powershell\":\\s*\\{\\s*\"version\":\\s*\"([0-9.]+)\"")]
    private static partial Regex ToolVersion();
}
