using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Queues a scan for Scan Engines; the running console hands it out.</para>
/// <para type="description">Targets and ports are checked before anything is queued. Without -Wait it returns at once;
/// with it the finished scan. Ctrl+C ends the waiting, not the scan: Stop-EngineScan does.</para>
/// </summary>
/// <example>
/// <code>Start-EngineScan lab-1 10.0.0.0/28 -Port 22, 443, 8000-8100 -Wait | Receive-EngineScan</code>
/// <para>Scans, waits, and reads what was found.</para>
/// </example>
/// <example>
/// <code>Get-ScanEngine dmz-* | Start-EngineScan -Target 10.0.0.0/20 -Deadline 2h -Priority High</code>
/// <para>The same scan from many engines.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "EngineScan", SupportsShouldProcess = true)]
[OutputType(typeof(EngineScan))]
public sealed class StartEngineScanCommand : NamedEngineCommand
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);
    private readonly List<Guid> _queued = [];

    /// <summary>
    /// <para>What to scan: addresses, ranges (10.0.0.1-10.0.0.9, 10.0.0.1-9), CIDR blocks and host names.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string[] Target { get; set; } = [];

    /// <summary>
    /// <para>Ports and port ranges: 22,80,'8000-8100'. Without it the common service ports.</para>
    /// </summary>
    [Parameter(Position = 2)]
    [ValidateNotNullOrEmpty]
    public string[] Port { get; set; } =
        ["21-23,25,53,80,110,111,135,139,143,443,445,587,993,995,1433,1521,3306,3389,5432,5900,5985,5986,8080,8443"];

    /// <summary>
    /// <para>How long a port may take to answer until it counts as filtered: '3s' without it.</para>
    /// </summary>
    [Parameter]
    [Duration("10ms", "5m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// <para>Connection attempts under way at once.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Parallelism { get; set; } = 256;

    /// <summary>
    /// <para>Connection attempts started per second; 0 for no limit but the engine's own.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MaxRate { get; set; }

    /// <summary>
    /// <para>When the scan has to be finished: a duration from now on ('2h', '30m', seconds) or a time. A scan that is
    /// not is stopped and has failed; what it found is kept.</para>
    /// </summary>
    [Parameter]
    [Deadline]
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>
    /// <para>Which of an engine's waiting scans is started first. No running scan is interrupted for another.</para>
    /// </summary>
    [Parameter]
    public ScanPriority Priority { get; set; } = ScanPriority.Normal;

    /// <summary>
    /// <para>How often the scan is run at most, should the engine lose it or its scanner fail; 1 for never
    /// again. Each run goes on where the stored data ends.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, ScanTerms.MostAttempts)]
    public int MaxAttempts { get; set; } = ScanTerms.DefaultAttempts;

    /// <summary>
    /// <para>Waits until the scans are finished, with progress, and returns them then.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    private protected override void ProcessEngine(EngineRecord engine)
    {
        string ports = string.Join(',', Port);
        var request = new ScanRequest
        {
            Targets = Target,
            Ports = ports,
            Timeout = Timeout,
            Parallelism = Parallelism,
            MaxRate = MaxRate,
        };
        var terms = new ScanTerms { Deadline = Deadline, Priority = Priority, MaxAttempts = MaxAttempts };
        Admin.CheckScan(engine.PairingId, request, terms);
        if (!ShouldProcess($"{string.Join(", ", Target)} ports {ports} from engine '{engine.Name}'", "Start scan"))
        {
            return;
        }

        ScanRecord scan = Admin.QueueScan(engine.PairingId, request, terms);
        if (_queued.Count == 0)
        {
            WarnUnlessConsoleRuns("The scan is queued.");
        }

        _queued.Add(scan.ScanId);
        if (!Wait)
        {
            WriteObject(new EngineScan(Admin.Explain([scan])[0], Folder.Root));
        }
    }

    private protected override void Settle()
    {
        Guid[] queued = [.. _queued];
        _queued.Clear();
        if (Wait && queued.Length > 0)
        {
            ConsoleAdmin admin = OpenedAdmin;
            Await((writer, token) => ScanWait.AllAsync(admin, queued, Longest, writer, token));
        }
    }
}
