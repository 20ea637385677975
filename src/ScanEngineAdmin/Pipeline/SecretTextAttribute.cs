using System.Management.Automation;
using System.Security;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Makes a pairing secret parameter take a SecureString, the text, or what New-EnginePairingSecret returned (also
/// after it went through remoting or a file).
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretTextAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (Cell.IsBlank(inputData))
        {
            return null;
        }

        object? value = Cell.Of(inputData);
        switch (value)
        {
            case SecureString:
                return value;
            case string text:
                return Protect(text);
            default:
                if (PSObject.AsPSObject(inputData!).Properties["Secret"]?.Value?.ToString() is { Length: > 0 } secret)
                {
                    return Protect(secret);
                }

                break;
        }

        // What was given is not repeated: it may be a secret with a typing error.
        throw new ArgumentTransformationMetadataException(
            "Give the secret's text, a SecureString, or the object that New-EnginePairingSecret returned "
            + "(Get-EnginePairingSecret's objects do not hold the secret).");
    }

    private static SecureString Protect(string text)
    {
        var secure = new SecureString();
        foreach (char c in text.Trim())
        {
            secure.AppendChar(c);
        }

        secure.MakeReadOnly();
        return secure;
    }
}
