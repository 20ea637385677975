using System.Management.Automation;
using System.Security;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Takes a SecureString and nothing else, and does not repeat what it was given instead: PowerShell's own error would
/// show a passphrase that was typed as text.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PassphraseAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) as SecureString
        ?? throw new ArgumentTransformationMetadataException(
            "Give the passphrase as a SecureString: leave the parameter out and type it, or use "
            + "Read-Host -AsSecureString, or Get-Secret.");
}
