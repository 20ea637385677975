using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Core;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Firewall;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Tests the way between console and engine stage by stage, and says where it stops and what to
/// do about it.</para>
/// <para type="description">On the console's host -Name is the engine; on the engine's host it is the name that the
/// engine goes by at its console. With -ComputerName any endpoint is tested, paired or not. What could only be looked
/// at from one end is called Unknown, not guessed.</para>
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "EngineFirewall", DefaultParameterSetName = ByName)]
[OutputType(typeof(FirewallTestResult), typeof(bool))]
public sealed class TestEngineFirewallCommand : ScanEngineCommand
{
    private const string ByName = "Name";
    private const string ByEndPoint = "EndPoint";

    /// <summary>
    /// <para>The engines' names. Wildcards are accepted; a name without one that is not there is an error.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    [Alias("EngineName")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EngineNameCompleter))]
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
    /// <para>Tests the way of this direction; without it the one in use.</para>
    /// </summary>
    [Parameter]
    [Direction]
    public CommunicationDirection? Direction { get; set; }

    /// <summary>
    /// <para>How long each stage may take: '10s' without it.</para>
    /// </summary>
    [Parameter]
    [Duration("100ms", "10m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// <para>Returns true or false only.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void ProcessItem()
    {
        if (ParameterSetName == ByEndPoint)
        {
            Try(() => Test(EndPointRequest()), ComputerName);
            return;
        }

        using var requests = new FirewallTestRequests(Folder, Direction, Timeout);
        foreach (string name in Name)
        {
            Try(
                () =>
                {
                    foreach (FirewallTestRequest request in requests.For(name))
                    {
                        Test(request);
                    }
                },
                name);
        }
    }

    private FirewallTestRequest EndPointRequest()
    {
        CommunicationDirection direction = Direction ?? CommunicationDirection.ConsoleToEngine;
        bool given = MyInvocation.BoundParameters.ContainsKey(nameof(Port));
        return new FirewallTestRequest
        {
            Host = ComputerName,
            Port = given ? Port
                : direction == CommunicationDirection.ConsoleToEngine ? WellKnownPorts.Engine : WellKnownPorts.Console,
            Direction = direction,
            Timeout = Timeout,
        };
    }

    private void Test(FirewallTestRequest request)
    {
        FirewallTestResult result = Await((_, token) => new FirewallTester().TestAsync(request, token));
        WriteObject(Quiet ? result.Succeeded : Indexable.Of(result));
    }
}
