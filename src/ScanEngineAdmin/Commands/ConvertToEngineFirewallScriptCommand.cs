using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Scripts;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Writes a firewall plan as a script (or a DSC document) for one provider, to read, keep and run
/// where this module is not.</para>
/// <para type="description">A script has two phases: what opens may be run before the change and is what runs when
/// nothing is said; what closes has to be asked for. Running either again changes nothing.</para>
/// </summary>
/// <example>
/// <code>$plan | ConvertTo-EngineFirewallScript Ufw -Role Engine &gt; open.sh</code>
/// <para>The engine host's half as a shell script.</para>
/// </example>
/// <example>
/// <code>$plan | ConvertTo-EngineFirewallScript Nftables -Undo</code>
/// <para>What takes the plan back, for both hosts.</para>
/// </example>
/// <example>
/// <code>ConvertTo-EngineFirewallScript NetSecurity $plan -Role Console</code>
/// <para>The same by position.</para>
/// </example>
[Cmdlet(VerbsData.ConvertTo, "EngineFirewallScript")]
[OutputType(typeof(string))]
public sealed class ConvertToEngineFirewallScriptCommand : ScanEngineCommand
{
    private const string Dsc = "Dsc";

    /// <summary>
    /// <para>The plan that Set-ScanEngineCommunication returned, also after it went through a file.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [ValidateNotNull]
    [FirewallPlan]
    public FirewallPlan InputObject { get; set; } = null!;

    /// <summary>
    /// <para>Whose commands: NetSecurity, Netsh, Nftables, Firewalld, Ufw, Iptables; or Dsc for a document of Desired
    /// State Configuration 3 for a Windows host.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateSet("NetSecurity", "Netsh", "Nftables", "Firewalld", "Ufw", "Iptables", Dsc)]
    public string Provider { get; set; } = string.Empty;

    /// <summary>
    /// <para>One host's half. Without it a script has both and takes the role as its argument; Dsc needs it.</para>
    /// </summary>
    [Parameter]
    public NodeRole? Role { get; set; }

    /// <summary>
    /// <para>Writes what takes the plan back.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Undo { get; set; }

    /// <summary>
    /// <para>For Dsc, which has no phases: also takes away what is no longer needed. Only for a change that is
    /// committed and that the other end has acknowledged (with -Undo: one that was taken back).</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Close { get; set; }

    // A plan is only written down: no folder is asked for anything.
    private protected override ItemOrigin? OriginOf(ItemOrigin origin) => null;

    private protected override void ProcessItem() => Try(Write, InputObject.EngineName);

    private void Write()
    {
        if (Provider.Equals(Dsc, StringComparison.OrdinalIgnoreCase))
        {
            NodeRole role = Role ?? throw Invalid(
                "A DSC document is for one host.", "Name it with -Role Console or -Role Engine.", nameof(Role));
            WriteObject(FirewallDscDocument.Write(InputObject, role, Undo, Close));
            return;
        }

        if (Close)
        {
            throw Invalid(
                $"-Close is for Dsc: a script for {Provider} closes when it is run with 'close'.",
                "Leave -Close out.",
                nameof(Close));
        }

        var provider = Enum.Parse<FirewallProvider>(Provider, ignoreCase: true);
        WriteObject(FirewallScript.Write(InputObject, provider, Undo, Role));
    }

    private static ScanEngineException Invalid(string what, string then, string parameter) =>
        new(FaultCode.OptionInvalid, what, then, parameter);
}
