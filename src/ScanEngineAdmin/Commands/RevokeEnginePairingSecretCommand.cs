using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Revokes pairing secrets: nobody pairs by them any more.</para>
/// <para type="description">Pairings that were made by them stay.</para>
/// </summary>
/// <example>
/// <code>Get-EnginePairingSecret | Revoke-EnginePairingSecret</code>
/// <para>Revokes all of the console's secrets; asks about each.</para>
/// </example>
[Cmdlet(VerbsSecurity.Revoke, "EnginePairingSecret", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RevokeEnginePairingSecretCommand : RoleCommand
{
    /// <summary>
    /// <para>The secrets' ids.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SecretIdCompleter))]
    public Guid[] SecretId { get; set; } = [];

    private protected override void ProcessItem()
    {
        foreach (Guid id in SecretId)
        {
            Try(() => Revoke(id), id);
        }
    }

    private void Revoke(Guid id)
    {
        if (!HasNode || !WithStore(store => store.ListSecrets()).Any(secret => secret.SecretId == id))
        {
            throw NotFound.Secret(id);
        }

        if (ShouldProcess($"{id} of the {Role} on '{Folder.Root}'", "Revoke pairing secret"))
        {
            With<object?>(
                console =>
                {
                    console.RevokeSecret(id);
                    return null;
                },
                engine =>
                {
                    engine.RevokeSecret(id);
                    return null;
                });
        }
    }
}
