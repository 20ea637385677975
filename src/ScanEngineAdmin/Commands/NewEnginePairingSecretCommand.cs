using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Makes a pairing secret, to be copied to the other side.</para>
/// <para type="description">Its text holds the maker's fingerprint, so that the other side knows whom it meets. The
/// text is shown this once; the store keeps a verifier, not the secret. The secret never crosses the wire.</para>
/// </summary>
/// <example>
/// <code>New-EnginePairingSecret -EngineName lab-1 -SingleUse</code>
/// <para>On the console: for one reverse engine.</para>
/// </example>
/// <example>
/// <code>New-EnginePairingSecret -Role Engine -ExpiresIn 15m</code>
/// <para>On a standard engine's host.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "EnginePairingSecret", SupportsShouldProcess = true)]
[OutputType(typeof(EnginePairingSecret))]
public sealed class NewEnginePairingSecretCommand : RoleCommand
{
    /// <summary>
    /// <para>How long the secret may be used: '30m', '1h' (the default), a number of seconds, a TimeSpan.</para>
    /// </summary>
    [Parameter]
    [Duration("1s", "30d")]
    public TimeSpan ExpiresIn { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// <para>Binds the secret to the engine of this name.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ItemName]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(EngineNameCompleter))]
    public string? EngineName { get; set; }

    /// <summary>
    /// <para>Lets one engine only pair by it.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter SingleUse { get; set; }

    /// <summary>
    /// <para>How many nodes may pair by it: 1 where it is bound to an engine, else 20, unless you say otherwise. One
    /// more is refused, and Get-EnginePairingSecret counts it in RefusedUses.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, SecretRecord.MostUses)]
    public int MaxUses { get; set; }

    private int? Uses => Bound(nameof(MaxUses), MaxUses);

    private protected override void ProcessItem()
    {
        ConsoleAdmin.CheckTyped(EngineName, null, null);
        if (!ShouldProcess($"{Role} on '{Folder.Root}'", "Make pairing secret"))
        {
            return;
        }

        (SecretRecord record, PairingSecret secret) = With(
            console => console.CreateSecret(ExpiresIn, EngineName, SingleUse, Uses),
            engine => engine.CreateSecret(ExpiresIn, EngineName, SingleUse, Uses));

        // A view of its own shows all of the text, once: a table would cut it off.
        PSObject made = PSObject.AsPSObject(new EnginePairingSecret(record, secret, Role, Folder.Root));
        made.TypeNames.Insert(0, $"{typeof(EnginePairingSecret).FullName}#Made");
        WriteObject(made);
    }
}
