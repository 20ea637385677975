using System.Collections;
using System.Management.Automation;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Lets a parameter that names something take the object too: <c>Set-ScanEngine $engine</c>. PowerShell alone would
/// make a text of it that has lost its console.
/// </summary>
/// <param name="property">The object's property that names it.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ItemNameAttribute(string property = "Name") : ArgumentTransformationAttribute
{
    /// <summary>The property that names it; engines are named by EngineName on what is not an engine itself.</summary>
    public string Property { get; } = property;

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            null or string => value,
            IEnumerable many => many.Cast<object?>().Select(One).ToArray(),
            _ => One(inputData),
        };
    }

    private object? One(object? item)
    {
        if (ItemOrigin.Read(item) is not { } origin)
        {
            return item;
        }

        PSObject of = PSObject.AsPSObject(item!);
        string name = ItemOrigin.Text(of, Property) ?? (Property == "Name" ? ItemOrigin.Text(of, "EngineName") : null)
            ?? throw new ArgumentTransformationMetadataException($"'{item}' has no {Property}: give it as text.");
        return ItemOrigin.Tag(name, origin);
    }
}
