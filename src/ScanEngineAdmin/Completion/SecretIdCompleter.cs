using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ScanEngineAdmin.Core.Pairing;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the ids of pairing secrets that may still be used, with what they are as the tip.</summary>
internal sealed class SecretIdCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string typed = StoreReader.Typed(wordToComplete);
        return StoreReader.ReadRole<SecretRecord>(fakeBoundParameters, store => store.ListSecrets())
            .Where(secret => secret.Revoked is null && secret.ExpiresAt > TimeProvider.System.GetUtcNow())
            .Where(secret => secret.SecretId.ToString().StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(secret => StoreReader.Result(
                secret.SecretId.ToString(),
                $"{secret.EngineName ?? "any engine"}, until {secret.ExpiresAt.LocalDateTime:g}"));
    }
}
