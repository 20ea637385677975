using System.Collections;
using ScanEngineAdmin.Domain.Pairing;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the ids of pairing secrets that may still be used, with what they are as the tip.</summary>
internal sealed class SecretIdCompleter : StoreCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed) =>
        StoreReader.ReadRole<SecretRecord>(bound, store => store.ListSecrets())
            .Where(secret => secret.Revoked is null && secret.ExpiresAt > TimeProvider.System.GetUtcNow())
            .Select(secret => (
                secret.SecretId.ToString(),
                $"{secret.EngineName ?? "any engine"}, until {secret.ExpiresAt.LocalDateTime:g}"));
}
