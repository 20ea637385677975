using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Lists the pairing secrets that may still be used, without the secrets themselves.</para>
/// </summary>
/// <example>
/// <code>Get-EnginePairingSecret</code>
/// <para>The console's secrets that may still be used.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "EnginePairingSecret")]
[OutputType(typeof(EnginePairingSecret))]
public sealed class GetEnginePairingSecretCommand : RoleCommand
{
    /// <summary>
    /// <para>The secrets' ids; all without it. An id that is not there is an error.</para>
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SecretIdCompleter))]
    public Guid[]? SecretId { get; set; }

    private protected override void ProcessItem()
    {
        IReadOnlyList<SecretRecord> secrets = HasNode ? WithStore(store => store.ListSecrets()) : [];
        IEnumerable<SecretRecord> live = secrets.Where(
            secret => secret.Revoked is null && secret.ExpiresAt > TimeProvider.System.GetUtcNow());
        if (SecretId is null)
        {
            WriteObject(live.Select(secret => Of(secret)), enumerateCollection: true);
            return;
        }

        foreach (Guid id in SecretId)
        {
            if (live.FirstOrDefault(secret => secret.SecretId == id) is { } found)
            {
                WriteObject(Of(found));
            }
            else
            {
                Report(NotFound.Secret(id), id);
            }
        }
    }

    private EnginePairingSecret Of(SecretRecord secret) => new(secret, null, Role, Folder.Root);
}
