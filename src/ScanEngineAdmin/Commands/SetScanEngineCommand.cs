using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Renames a Scan Engine, changes where it is dialled and dials from, or how much it may
/// store.</para>
/// <para type="description">The direction is changed by Set-ScanEngineCommunication.</para>
/// </summary>
/// <example>
/// <code>Set-ScanEngine lab-1 -NewName lab-berlin</code>
/// <para>Renames it.</para>
/// </example>
/// <example>
/// <code>Set-ScanEngine lab-1 -Address 10.1.2.3 -Port 40814</code>
/// <para>Where the console dials it from now on.</para>
/// </example>
/// <example>
/// <code>Set-ScanEngine branch-7 -AllowFrom 10.7.0.0/16</code>
/// <para>The engine has its address by DHCP: the rule of the console's firewall is for all that it can get. What the
/// firewall then lacks, with the commands, is shown by Compare-EngineFirewall.</para>
/// </example>
/// <example>
/// <code>Get-ScanEngine 'dmz-*' | Set-ScanEngine -Quota 500MB</code>
/// <para>What the scans of each of them may take at the console.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "ScanEngine", SupportsShouldProcess = true)]
[OutputType(typeof(ScanEngine))]
public sealed class SetScanEngineCommand : NamedEngineCommand
{
    private readonly Gathered<EngineRecord> _gathered = new(engine => engine.PairingId);

    /// <summary>
    /// <para>The new name, for one engine.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NewName { get; set; }

    /// <summary>
    /// <para>The host name or address at which the console dials the engine. Several engines can have one address, but
    /// not one address and port.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Address { get; set; }

    /// <summary>
    /// <para>The TCP port at which the console dials the engine.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>
    /// <para>Bytes that the findings of the engine's scans may take at the console; 0 for the default (4 GiB). What
    /// goes beyond waits at the engine. Before that, at three quarters, the oldest finished scans of the engine are
    /// removed.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Quota { get; set; }

    /// <summary>
    /// <para>From where a reverse engine may dial the console: addresses, blocks (10.1.0.0/16), or any. The rule that
    /// the console's firewall needs is then for these, and not for the address that the engine was last seen at, which
    /// is another one after a new lease of DHCP. Behind NAT it is the NAT's address. An empty list goes back to that
    /// one. A firewall applier takes it as far as its own -AllowFrom goes.</para>
    /// </summary>
    [Parameter]
    [AllowEmptyCollection]
    [AllowNull]
    public string[]? AllowFrom { get; set; }

    /// <summary>
    /// <para>Returns the engine.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private bool HasAllowFrom => IsBound(nameof(AllowFrom));

    private bool HasQuota => IsBound(nameof(Quota));

    private int? NewPort => Bound(nameof(Port), Port);

    private protected override void ProcessEngine(EngineRecord engine)
    {
        if (NewName is null && Address is null && NewPort is null && !HasQuota && !HasAllowFrom)
        {
            throw NotFound.Change("-NewName, -Address, -Port, -Quota and -AllowFrom");
        }

        _ = AllowedSources.Normalize(AllowFrom ?? []);

        ConsoleAdmin.CheckTyped(NewName, Address, NewPort);
        _gathered.Add(engine);
    }

    private protected override void Settle()
    {
        EngineRecord[] engines = _gathered.TakeAll();
        if (NewName is not null)
        {
            SingleEngine.Check(nameof(NewName), [.. engines.Select(engine => engine.Name)]);
        }

        if (Address is not null || NewPort is not null)
        {
            SingleEngine.CheckEndPoints(engines.Select(engine => (Address ?? engine.Address, NewPort ?? engine.Port)));
        }

        if (engines.Length == 0)
        {
            // Nothing was opened, and what is not there must not be made.
            return;
        }

        ConsoleAdmin admin = OpenedAdmin;
        foreach (EngineRecord engine in engines)
        {
            Try(() => Set(admin, engine), engine.Name);
        }
    }

    private void Set(ConsoleAdmin admin, EngineRecord engine)
    {
        if (NewName is not null)
        {
            admin.CheckName(NewName, engine.PairingId);
        }

        if (!ShouldProcess(engine.Name, "Set Scan Engine"))
        {
            return;
        }

        EngineRecord changed = engine;
        if (NewName is not null || Address is not null || NewPort is not null)
        {
            changed = admin.SetEngine(engine.PairingId, NewName, Address, NewPort);
        }

        if (HasAllowFrom)
        {
            changed = admin.SetAllowFrom(engine.PairingId, AllowFrom ?? []);
        }

        if (HasQuota)
        {
            admin.SetQuota(engine.PairingId, Quota == 0 ? null : Quota);
        }

        if (PassThru)
        {
            WriteObject(EngineView.Of(admin, changed));
        }
    }
}
