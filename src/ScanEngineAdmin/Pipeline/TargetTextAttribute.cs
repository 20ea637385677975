using System.Collections;
using System.Management.Automation;
using System.Net;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Lets texts and addresses be targets, and nothing else: PowerShell would make a text of any object, and an engine
/// that is piped would become a host of the engine's name.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TargetTextAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        Plain(inputData) is IEnumerable many and not string ? many.Cast<object?>().Select(Text).ToArray() : Text(inputData);

    private static object? Plain(object? item) => item is PSObject wrapped ? wrapped.BaseObject : item;

    private static string? Text(object? item) => Plain(item) switch
    {
        null => null,
        string text => text,
        IPAddress address => address.ToString(),
        // With this cause PowerShell tries the item's properties before it gives up.
        object other => throw new ArgumentTransformationMetadataException(
            $"'{other}' is no target: give addresses, ranges, blocks and host names as text.",
            new PSInvalidCastException()),
    };
}
