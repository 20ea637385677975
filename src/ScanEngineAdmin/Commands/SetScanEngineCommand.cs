using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Renames a Scan Engine, changes where it is dialled and dials from, or how much it may
/// store.</para>
/// <para type="description">The direction is changed by Set-ScanEngineCommunication. A row of a file may bring what is to
/// be changed, each in the column of its name; of an object of this module, which has what is in force, it is not
/// taken.</para>
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
/// <example>
/// <code>Import-Csv fleet.csv | Set-ScanEngine</code>
/// <para>Each as its row says: Name, and of NewName, Address, Port, Quota and AllowFrom what there is.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "ScanEngine", SupportsShouldProcess = true)]
[OutputType(typeof(ScanEngine))]
public sealed class SetScanEngineCommand : NamedEngineCommand
{
    private readonly Gathered<(EngineRecord Engine, Wanted Wanted)> _gathered =
        new(one => one.Engine.PairingId, one => one.Wanted);

    /// <summary>
    /// <para>The new name, for one engine.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RowValue]
    public string? NewName { get; set; }

    /// <summary>
    /// <para>The host name or address at which the console dials the engine. Several engines can have one address, but
    /// not one address and port.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RowValue]
    public string? Address { get; set; }

    /// <summary>
    /// <para>The TCP port at which the console dials the engine.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PortCell]
    [RowValue]
    public int? Port { get; set; }

    /// <summary>
    /// <para>Bytes that the findings of the engine's scans may take at the console; 0 for the default (4 GiB). What
    /// goes beyond waits at the engine. Before that, at three quarters, the oldest finished scans of the engine are
    /// removed.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RowValue]
    public long? Quota { get; set; }

    /// <summary>
    /// <para>From where a reverse engine may dial the console: addresses, blocks (10.1.0.0/16), or any. The rule that
    /// the console's firewall needs is then for these, and not for the address that the engine was last seen at, which
    /// is another one after a new lease of DHCP. Behind NAT it is the NAT's address. An empty list goes back to that
    /// one. A firewall applier takes it as far as its own -AllowFrom goes.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RowValue]
    [AllowEmptyCollection]
    [AllowNull]
    public string[]? AllowFrom { get; set; }

    /// <summary>
    /// <para>Returns the engine.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessEngine(EngineRecord engine)
    {
        var wanted = new Wanted(
            NewName,
            Address,
            PortCellAttribute.Check(this, nameof(Port), Port, engine.Name),
            Quota,
            IsBound(nameof(AllowFrom)) ? string.Join(", ", AllowFrom ?? []) : null);
        if (wanted is { NewName: null, Address: null, Port: null, Quota: null, AllowFrom: null })
        {
            throw NotFound.Change("-NewName, -Address, -Port, -Quota and -AllowFrom");
        }

        if (Quota < 0)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"The quota of engine '{engine.Name}' is less than nothing.",
                "Give -Quota as a number of bytes ('500MB'), or 0 for the default.",
                engine.Name);
        }

        _ = AllowedSources.Normalize([wanted.AllowFrom ?? string.Empty]);
        ConsoleAdmin.CheckTyped(wanted.NewName, wanted.Address, wanted.Port);
        _gathered.Add((engine, wanted), engine.Name);
    }

    private protected override void Settle()
    {
        (EngineRecord Engine, Wanted Wanted)[] changes = _gathered.TakeAll();
        SingleEngine.CheckEach(nameof(NewName), changes.Select(one => (one.Wanted.NewName, one.Engine.Name)));
        SingleEngine.CheckEndPoints(changes
            .Where(one => one.Wanted.Address is not null || one.Wanted.Port is not null)
            .Select(one => (one.Wanted.Address ?? one.Engine.Address, one.Wanted.Port ?? one.Engine.Port)));
        if (changes.Length == 0)
        {
            // Nothing was opened, and what is not there must not be made.
            return;
        }

        ConsoleAdmin admin = OpenedAdmin;
        foreach ((EngineRecord engine, Wanted wanted) in changes)
        {
            Try(() => Set(admin, engine, wanted), engine.Name);
        }
    }

    private void Set(ConsoleAdmin admin, EngineRecord engine, Wanted wanted)
    {
        if (wanted.NewName is not null)
        {
            admin.CheckName(wanted.NewName, engine.PairingId);
        }

        if (!ShouldProcess(engine.Name, "Set Scan Engine"))
        {
            return;
        }

        EngineRecord changed = engine;
        if (wanted.NewName is not null || wanted.Address is not null || wanted.Port is not null)
        {
            changed = admin.SetEngine(engine.PairingId, wanted.NewName, wanted.Address, wanted.Port);
        }

        if (wanted.AllowFrom is not null)
        {
            changed = admin.SetAllowFrom(engine.PairingId, [wanted.AllowFrom]);
        }

        if (wanted.Quota is not null)
        {
            admin.SetQuota(engine.PairingId, wanted.Quota == 0 ? null : wanted.Quota);
        }

        if (PassThru)
        {
            WriteObject(EngineView.Of(admin, changed));
        }
    }

    /// <summary>What is to become of an engine: each row of a file may want something else.</summary>
    private sealed record Wanted(string? NewName, string? Address, int? Port, long? Quota, string? AllowFrom);
}
