using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;
using ScanEngineAdmin.Scanning.Ports;

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
/// <example>
/// <code>Start-EngineScan lab-1 -TargetFile ./hosts.txt -Exclude 10.0.0.5, printer-1 -TopPorts 100</code>
/// <para>What a file lists but for two hosts, at the hundred most usual ports.</para>
/// </example>
/// <example>
/// <code>Import-Csv ./hosts.csv | ForEach-Object Address | Start-EngineScan lab-1 -Port 443</code>
/// <para>One scan of all addresses that come through the pipeline.</para>
/// </example>
/// <example>
/// <code>Start-EngineScan -Pool dmz -Target 10.0.0.0/16 -Port 22, 443 -Wait | Receive-EngineScan -State Open</code>
/// <para>One scan that the engines of a pool share; each finding names the engine that made it.</para>
/// </example>
/// <example>
/// <code>Start-EngineScan lab-1 10.0.0.0/28 -TopPorts 100 -Scanner Nmap -Wait | Receive-EngineScan -State Open</code>
/// <para>With nmap on the engine's host: Banner holds each service and its version.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "EngineScan", SupportsShouldProcess = true, DefaultParameterSetName = "Target")]
[OutputType(typeof(EngineScan))]
public sealed class StartEngineScanCommand : NamedEngineCommand
{
    private const string ByTarget = "Target";
    private const string ByFile = "TargetFile";
    private const string PoolByTarget = "PoolTarget";
    private const string PoolByFile = "PoolTargetFile";
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);
    private readonly List<Guid> _queued = [];
    private readonly List<string> _piped = [];
    private string[]? _listed;
    private bool _targetIsTyped;
    private bool _nameIsTyped;
    private bool _isPiped;

    /// <summary>
    /// <para>The engines' names. Wildcards are accepted; a name without one that is not there is an error. Texts of the
    /// pipeline are names where -Target or -TargetFile is given and -Name is not.</para>
    /// </summary>
    [Parameter(
        Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = ByTarget)]
    [Parameter(
        Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = ByFile)]
    [Alias("EngineName")]
    [ItemName]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EngineNameCompleter))]
    public override string[] Name { get; set; } = [];

    /// <summary>
    /// <para>The name of a pool whose engines share the scan, each the part that it has the speed for. Deadline,
    /// priority and rate are those of the whole scan.</para>
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = PoolByTarget)]
    [Parameter(Mandatory = true, ParameterSetName = PoolByFile)]
    [Alias("PoolName")]
    [ItemName("PoolName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PoolNameCompleter))]
    public string? Pool { get; set; }

    /// <summary>
    /// <para>What to scan: addresses, ranges (10.0.0.1-10.0.0.9, 10.0.0.1-9, 10.0-3.0.1-254, 10.0.*.1), CIDR blocks and
    /// host names, one or many in a text. Blank texts and what follows a # are passed over. Texts of the pipeline are
    /// the targets of one scan of each engine that -Name names.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = ByTarget)]
    [Parameter(Position = 1, ValueFromPipeline = true, ParameterSetName = ByFile)]
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = PoolByTarget)]
    [Parameter(Position = 1, ValueFromPipeline = true, ParameterSetName = PoolByFile)]
    [TargetText]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[] Target { get; set; } = [];

    /// <summary>
    /// <para>Text files that list what to scan, in the forms of -Target, usually one a line.</para>
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ByFile)]
    [Parameter(Mandatory = true, ParameterSetName = PoolByFile)]
    [ValidateNotNullOrEmpty]
    public string[] TargetFile { get; set; } = [];

    /// <summary>
    /// <para>What is left out, in the forms of -Target. A host name leaves out the target of that name and all its
    /// addresses, as the engine looks them up.</para>
    /// </summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[] Exclude { get; set; } = [];

    /// <summary>
    /// <para>Ports, port ranges, and names of services as this host knows them: 22,https,'8000-8100'. Without it and
    /// without -TopPorts the common service ports.</para>
    /// </summary>
    [Parameter(Position = 2)]
    [ValidateNotNullOrEmpty]
    public string[] Port { get; set; } =
        ["21-23,25,53,80,110,111,135,139,143,443,445,587,993,995,1433,1521,3306,3389,5432,5900,5985,5986,8080,8443"];

    /// <summary>
    /// <para>So many of the most usual ports, besides those of -Port: by nmap-services where nmap is installed, else in
    /// the order of the system's list of services.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int TopPorts { get; set; }

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
    /// <para>What scans: Connect (the engine's own TCP connects, with what a port says first) or Nmap (the nmap of the
    /// engine's host, which detects services and their versions; the engine's policy must allow nmap).</para>
    /// </summary>
    [Parameter]
    public ScannerKind Scanner { get; set; }

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

    /// <summary>
    /// <para>How long -Wait waits: '30m', '2h', a number of seconds, a TimeSpan. Without it as long as the scan takes,
    /// at most 7 days, and not at all while no console runs. The scan goes on when the time is over.</para>
    /// </summary>
    [Parameter]
    [Duration("0s", "7d")]
    public TimeSpan WaitTimeout { get; set; } = Longest;

    /// <summary>
    /// <para>As -Wait, in the background: Receive-Job takes the finished scans, Stop-Job ends the waiting and not the
    /// scans.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    private bool Waits => Wait || AsJob;

    private protected override void Prepare()
    {
        _targetIsTyped = IsBound(nameof(Target));
        _nameIsTyped = IsBound(nameof(Name)) || IsBound(nameof(Pool));
    }

    // A scan of its own for every text of the pipeline would be thousands of scans.
    private protected override void ProcessItem()
    {
        bool isTarget = !_targetIsTyped && IsBound(nameof(Target));
        if (isTarget && !_nameIsTyped)
        {
            TakeForName();
            isTarget = false;
        }

        if (!isTarget)
        {
            ProcessTargets();
            return;
        }

        _isPiped = true;
        // One more than a scan may have is refused when the pipeline has ended; the rest need not be kept.
        if (_piped.Count <= ScanLimits.MaxTargetTexts)
        {
            _piped.AddRange(Target ?? []);
        }
    }

    /// <summary>A text of the pipeline where no engine was typed: PowerShell binds it to both parameters.</summary>
    private void TakeForName() => Target = ParameterSetName == ByFile ? [] : throw new ScanEngineException(
        FaultCode.OptionInvalid,
        $"'{string.Join(", ", Name)}' of the pipeline may be an engine or a target: neither was named. Nothing was queued.",
        "Name the engines, or the targets: Start-EngineScan -Name <engine>, or -Target <what to scan>.",
        string.Join(", ", Name));

    private void ProcessTargets()
    {
        if (Pool is { } pool)
        {
            Try(
                () =>
                {
                    EnginePool known = (HasNode ? Admin.Store.FindPool(pool) : null) ?? throw PoolAdmin.NotFound(pool);
                    Start(
                        $"pool '{known.Name}'",
                        (request, terms) => _ = Admin.Scans.CheckTerms(request, terms),
                        (request, terms) => Admin.Scans.AddToPool(known, request, terms));
                },
                pool);
        }
        else
        {
            base.ProcessItem();
        }
    }

    private protected override void ProcessEngine(EngineRecord engine) => Start(
        $"engine '{engine.Name}'",
        (request, terms) => Admin.Scans.Check(engine.PairingId, request, terms),
        (request, terms) => Admin.Scans.Add(engine.PairingId, request, terms));

    private void Start(
        string from, Action<ScanRequest, ScanTerms> check, Func<ScanRequest, ScanTerms, ScanRecord> add)
    {
        string ports = Ports();
        string[] listed = _listed ??=
            [.. TargetFile.SelectMany(file => Scanning.Targets.TargetFile.Read(ListPath(file)))];
        var request = new ScanRequest
        {
            Targets = [.. Target ?? [], .. listed],
            Exclude = Exclude ?? [],
            Ports = ports,
            Timeout = Timeout,
            Parallelism = Parallelism,
            MaxRate = MaxRate,
            Scanner = Scanner,
        };
        var terms = new ScanTerms { Deadline = Deadline, Priority = Priority, MaxAttempts = MaxAttempts };
        check(request, terms);
        if (!ShouldProcess($"{Shown(listed.Length)} ports {ports} from {from}", "Start scan"))
        {
            return;
        }

        ScanRecord scan = add(request, terms);
        if (IsBound(nameof(WaitTimeout)) && !Waits)
        {
            WriteWarning("-WaitTimeout is for -Wait: the scan is not waited for.");
        }

        if (_queued.Count == 0)
        {
            WarnUnlessConsoleRuns("The scan is queued.");
        }

        _queued.Add(scan.ScanId);
        if (!Waits)
        {
            WriteObject(new EngineScan(Admin.Scans.Explain([scan])[0], Folder.Root));
        }
    }

    private protected override void Settle()
    {
        if (_isPiped)
        {
            _isPiped = false;
            Target = [.. _piped];
            _piped.Clear();
            ProcessTargets();
        }

        Guid[] queued = [.. _queued];
        _queued.Clear();
        if (Waits && queued.Length > 0)
        {
            ConsoleAdmin admin = OpenedAdmin;
            if (!IsBound(nameof(WaitTimeout)) && !admin.Describe().IsRunning)
            {
                // A runbook would hang here for days.
                foreach (Guid id in queued)
                {
                    Report(ScanWait.NotRunning(admin, $"Scan {id} is queued and was not waited for."), id);
                }

                return;
            }

            AwaitOrStartJob(
                AsJob, admin,
                (console, writer, token) => ScanWait.AllAsync(console, queued, WaitTimeout, writer, token));
        }
    }

    private string Ports()
    {
        bool named = IsBound(nameof(Port));
        if (TopPorts == 0)
        {
            return string.Join(',', Port);
        }

        PortList top = ServiceList.Local.Top(TopPorts);
        WriteVerbose($"The {TopPorts} most usual ports by {ServiceList.Local.RankedBy}: {top}");
        return named ? $"{string.Join(',', Port)},{top}" : top.ToString();
    }

    private string Shown(int listed)
    {
        IEnumerable<string> what = Target ?? [];
        what = listed > 0 ? what.Append($"{listed} targets of {string.Join(", ", TargetFile)}") : what;
        string exclude = string.Join(", ", Exclude ?? []);
        return string.Join(", ", what) + (exclude.Length > 0 ? $" without {exclude}" : string.Empty);
    }

    private string ListPath(string file) => FileSystemPath(
        file, FaultCode.TargetInvalid, "The list of targets ", "Name a text file with one target a line.");
}
