using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Tests the way between console and engine stage by stage, and says where it stops and what to
/// do about it.</para>
/// <para type="description">On the console's host -Name is the engine; on the engine's host it is the name that the
/// engine goes by at its console. With -ComputerName any endpoint is tested, paired or not. Where one end cannot tell
/// which side drops, the other end is asked over an open channel; what could only be looked at from one end is called
/// Unknown, not guessed. Nothing is changed on either host.</para>
/// </summary>
/// <example>
/// <code>Test-EngineFirewall lab-1</code>
/// <para>How far the way in use comes, and what stops it.</para>
/// </example>
/// <example>
/// <code>Test-EngineFirewall lab-1 -Direction Standard | Select-Object -ExpandProperty Stages</code>
/// <para>The other way, stage by stage.</para>
/// </example>
/// <example>
/// <code>Get-ScanEngine | Test-EngineFirewall -IncludeOther -Quiet</code>
/// <para>For many: whether each way is as it should be.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "EngineFirewall", DefaultParameterSetName = ByName)]
[OutputType(typeof(FirewallTestResult), typeof(bool))]
public sealed class TestEngineFirewallCommand : ScanEngineCommand
{
    private const string ByName = "Name";
    private const string ByEndPoint = "EndPoint";

    private readonly Dictionary<string, FirewallTestRequests> _requests = [];
    private readonly FirewallAnswers _answers = new(shared: true);
    private bool _isTheJobs;
    private readonly List<FirewallTestJob> _jobs = [];

    /// <summary>
    /// <para>The engines' names. Wildcards are accepted; a name without one that is not there is an error.</para>
    /// </summary>
    [Parameter(
        Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = ByName)]
    [Alias("EngineName")]
    [ItemName]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PairingNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>
    /// <para>The host name or address to test, without any engine.</para>
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ByEndPoint)]
    [ValidateNotNullOrEmpty]
    public string ComputerName { get; set; } = string.Empty;

    /// <summary>
    /// <para>The TCP port to test; without it the direction's own (40814 standard, 40815 reverse).</para>
    /// </summary>
    [Parameter(ParameterSetName = ByEndPoint)]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>
    /// <para>Tests the way of this direction; without it the one in use. A row of a file may bring it; of an object of
    /// this module it is not taken.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Direction(MayBeBlank = true)]
    [RowValue]
    public CommunicationDirection? Direction { get; set; }

    /// <summary>
    /// <para>The HTTP proxy that the other end is dialled through, by CONNECT: http://host:port, 'system' for what HTTPS_PROXY
    /// says, or 'none'. Without it $env:SCANENGINEADMIN_PROXY. NO_PROXY and this host itself are excepted.</para>
    /// </summary>
    [Parameter]
    public string? Proxy { get; set; }

    /// <summary>
    /// <para>The user and password that the proxy wants. They go to it as Basic authentication, are kept in memory
    /// only, and are never shown.</para>
    /// </summary>
    [Parameter]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>
    /// <para>How long each stage may take: '10s' without it.</para>
    /// </summary>
    [Parameter]
    [Duration("100ms", "10m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// <para>Tests the other direction as well: it should be closed, and the result says whether it is.</para>
    /// </summary>
    [Parameter(ParameterSetName = ByName)]
    public SwitchParameter IncludeOther { get; set; }

    /// <summary>
    /// <para>How many tests run at once: 16 without it.</para>
    /// </summary>
    [Parameter(ParameterSetName = ByName)]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    /// <summary>
    /// <para>Returns true or false only, one for each way tested: whether it is as it should be.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>
    /// <para>Tests in the background and returns a job: Receive-Job takes the results as they come.</para>
    /// </summary>
    [Parameter(ParameterSetName = ByName)]
    public SwitchParameter AsJob { get; set; }

    private protected override void ProcessItem()
    {
        if (ParameterSetName == ByEndPoint)
        {
            FirewallTestResult result = Await((_, token) => new FirewallTester().TestAsync(EndPointRequest(), token));
            WriteObject(View(result));
            return;
        }

        FirewallTestRequests requests = Requests();
        foreach (string name in Name)
        {
            Try(() => _jobs.AddRange(requests.For(name, Direction)), name);
        }
    }

    // All at once at the end: a pipeline of a thousand names is one fleet, not a thousand waits one after the other.
    private protected override void Finish()
    {
        if (_jobs.Count > 0 && AsJob)
        {
            _isTheJobs = true;
            StartJob(string.Join(", ", _requests.Keys), async (writer, token) =>
            {
                try
                {
                    await FirewallTestFleet.RunAsync(_jobs, ThrottleLimit, View, writer, token).ConfigureAwait(false);
                }
                finally
                {
                    await FreeAsync().ConfigureAwait(false);
                }
            });
        }
        else if (_jobs.Count > 0)
        {
            Await((writer, token) => FirewallTestFleet.RunAsync(_jobs, ThrottleLimit, View, writer, token));
        }
    }

    protected override void Dispose(bool disposing)
    {
        // What a job tests with is the job's.
        if (disposing && !_isTheJobs)
        {
            // The copy of the filter goes when the question under way has ended, by this cmdlet's token.
            _ = FreeAsync();
        }

        base.Dispose(disposing);
    }

    private Task FreeAsync()
    {
        foreach (FirewallTestRequests requests in _requests.Values)
        {
            requests.Dispose();
        }

        return _answers.DisposeAsync().AsTask();
    }

    private object View(FirewallTestResult result) => Quiet ? result.AsExpected : Indexable.Of(result);

    /// <summary>The requests of the data folder at hand: an item of the pipeline may bring its own.</summary>
    private FirewallTestRequests Requests()
    {
        if (!_requests.TryGetValue(Folder.Root, out FirewallTestRequests? requests))
        {
            requests = _requests[Folder.Root] = new FirewallTestRequests(
                Folder, IncludeOther, Timeout, _answers, ReadProxy());
        }

        return requests;
    }

    private FirewallTestRequest EndPointRequest()
    {
        CommunicationDirection direction = Direction ?? CommunicationDirection.ConsoleToEngine;
        bool given = IsBound(nameof(Port));
        return new FirewallTestRequest
        {
            Host = ComputerName,
            Port = given ? Port
                : direction == CommunicationDirection.ConsoleToEngine ? WellKnownPorts.Engine : WellKnownPorts.Console,
            Direction = direction,
            Timeout = Timeout,
            Proxy = ProxyText.Read(Proxy, ProxyCredential),
        };
    }

    // Null leaves each test the proxy of its node.
    private HttpProxy? ReadProxy() =>
        Proxy is null && ProxyCredential is null ? null : ProxyText.Read(Proxy, ProxyCredential);
}
