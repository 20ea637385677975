using System.Globalization;
using System.Management.Automation;
using System.Security;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Registers a standard Scan Engine on the console, and pairs with it if a secret is
/// given.</para>
/// <para type="description">With -PairingSecret (made on the engine: New-EnginePairingSecret -Role Engine) both sides
/// are confirmed at once. Without it the engine's admin approves this console (Approve-EngineConsole) and the engine's
/// identity is confirmed here, by -Fingerprint now or by Approve-ScanEngine after comparing. Reverse engines register
/// themselves: Start-EnginePoller -PairingSecret on the engine.</para>
/// </summary>
/// <example>
/// <code>Register-ScanEngine lab-1 lab-1.example.org -PairingSecret $secret</code>
/// <para>Pairs with a standard engine by the secret that was made there.</para>
/// </example>
/// <example>
/// <code>Register-ScanEngine lab-1 lab-1.example.org</code>
/// <para>Asks for approval on both sides.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Register, "ScanEngine", SupportsShouldProcess = true)]
[OutputType(typeof(ScanEngine))]
public sealed class RegisterScanEngineCommand : ConsoleCommand
{
    private int _row;

    /// <summary>
    /// <para>The name the engine goes by here.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("EngineName")]
    [ItemName]
    [AllowNull]
    [AllowEmptyString]
    public string Name { get; set; } = string.Empty;

    /// <summary>
    /// <para>The engine's host name or address.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public string Address { get; set; } = string.Empty;

    /// <summary>
    /// <para>The engine's TCP port: 40814 without it, and for a row of a file whose cell is blank.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PortCell]
    [AllowNull]
    public int? Port { get; set; }

    /// <summary>
    /// <para>The secret that was made on the engine: its text, a SecureString, or its object. A row of a file may bring
    /// it.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SecretText]
    [RowValue]
    public SecureString? PairingSecret { get; set; }

    /// <summary>
    /// <para>The engine's fingerprint as its admin read it out: confirms the engine's identity beforehand.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Fingerprint { get; set; }

    /// <summary>
    /// <para>The HTTP proxy that the engine is dialled through, by CONNECT: http://host:port, 'system' for what HTTPS_PROXY
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
    /// <para>With -PairingSecret: the engine of this name was rebuilt and has a new key. It keeps its record and its
    /// scans; the old key is refused.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Replace { get; set; }

    /// <summary>
    /// <para>Returns the engine.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessItem()
    {
        _row++;
        Try(Register, string.IsNullOrWhiteSpace(Name) ? Row : Name);
    }

    /// <summary>The row of a file that engines are read from; nothing where none are.</summary>
    private string Row => MyInvocation.ExpectingInput
        ? string.Create(CultureInfo.InvariantCulture, $" (item {_row} of the pipeline)") : string.Empty;

    // Without one of its own, a pairing goes the way of the console that runs in this session.
    private HttpProxy? ReadProxy() => Proxy is null && ProxyCredential is null
        ? NodeProxy.Of(Folder.Console) : ProxyText.Read(Proxy, ProxyCredential);

    private void Register()
    {
        if (string.IsNullOrWhiteSpace(Name))
        {
            throw new ScanEngineException(
                FaultCode.EngineNameInvalid,
                $"The engine{Row} has no name.",
                "Give it a name; a row without one cannot be registered.",
                Row);
        }

        if (string.IsNullOrWhiteSpace(Address))
        {
            throw new ScanEngineException(
                FaultCode.AddressInvalid,
                $"Engine '{Name}'{Row} has no address.",
                "Give its host name or address: -Address <host>.",
                Name);
        }

        int port = Port ?? WellKnownPorts.Engine;
        if (PortCellAttribute.IsBad(Port))
        {
            throw new ScanEngineException(
                FaultCode.PortInvalid,
                $"The port{PortCellAttribute.Given(this, nameof(Port), Port)} of engine '{Name}'{Row} is no number from 1 to 65535.",
                "Mend it, or leave it empty for 40814.",
                Name);
        }

        bool blank = MyInvocation.ExpectingInput && string.IsNullOrWhiteSpace(Fingerprint);
        Fingerprint? confirmed = Fingerprint is null || blank ? null : InputParser.ReadFingerprint(Fingerprint);
        PairingSecret? secret = PairingSecret is null ? null : InputParser.ReadSecret(PairingSecret);
        if (secret is not null && confirmed is { } compared && compared != secret.Maker)
        {
            throw new ScanEngineException(
                FaultCode.FingerprintMismatch,
                $"The pairing secret was made by {secret.Maker}, not by {compared}.",
                "Give the secret alone: it holds its maker's fingerprint.",
                Name);
        }

        if (Replace && secret is null)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                "-Replace takes the proof of a pairing secret.",
                "Make one on the rebuilt engine (New-EnginePairingSecret -Role Engine), and give it with -PairingSecret.",
                Name);
        }

        if (secret is null && (Proxy is not null || ProxyCredential is not null))
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                "Without a secret the running console dials, through the proxy that it was started with.",
                "Give -Proxy to Start-SecurityConsole, or -PairingSecret here.",
                Name);
        }

        ConsoleAdmin.CheckTyped(Name, Address, port);
        HttpProxy? proxy = ReadProxy();
        if (secret is null && HasNode)
        {
            // With a secret a known engine may be paired again.
            Admin.CheckName(Name, null);
        }

        if (!ShouldProcess(
            $"'{Name}' at {InputParser.EndPoint(Address, port)}",
            secret is null ? "Register Scan Engine" : "Register and pair with Scan Engine"))
        {
            return;
        }

        ConsoleAdmin admin = Admin;
        EngineRecord engine = secret is null
            ? admin.RegisterEngine(Name, Address, port, confirmed)
            : Await((_, token) => admin.RegisterEngineAsync(Name, Address, port, secret, token, Replace, proxy));
        if (PassThru)
        {
            WriteObject(EngineView.Of(admin, engine));
        }
    }
}
