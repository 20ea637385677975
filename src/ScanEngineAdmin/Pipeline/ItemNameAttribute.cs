using System.Management.Automation;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Lets a parameter that names something take the object too: <c>Set-ScanEngine $engine</c>. PowerShell alone would
/// make a text of the object: one of this module would have lost its console, and any other would be taken for a name.
/// </summary>
/// <param name="property">The object's property that names it.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ItemNameAttribute(string property = "Name") : ArgumentTransformationAttribute
{
    /// <summary>The property that names it; engines are named by EngineName on what is not an engine itself.</summary>
    public string Property { get; } = property;

    /// <summary>Whether the text of any object will do, as for a path.</summary>
    public bool AnyText { get; init; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        inputData is not null && LanguagePrimitives.GetEnumerable(inputData) is { } many
            ? many.Cast<object?>().Select(One).ToArray()
            : One(inputData);

    private object? One(object? item)
    {
        object? value = item is PSObject wrapped ? wrapped.BaseObject : item;
        if (value is null or IConvertible or IFormattable)
        {
            return item;
        }

        ItemOrigin? origin = ItemOrigin.Read(item);
        if (origin is null && AnyText)
        {
            return item;
        }

        var of = PSObject.AsPSObject(item!);
        PSPropertyInfo? named = of.Properties[Property] ?? (Property == "Name" ? of.Properties["EngineName"] : null);
        if (origin is null)
        {
            return named is null ? throw Nameless(of) : named.Value;
        }

        string name = ItemOrigin.Text(of, Property) ?? (Property == "Name" ? ItemOrigin.Text(of, "EngineName") : null)
            ?? throw Nameless(of);
        return ItemOrigin.Tag(name, origin);
    }

    // Because of the inner exception PowerShell looks in an item of a pipeline for other parameters, and ends there
    // only if there are none.
    private ArgumentTransformationMetadataException Nameless(PSObject item) =>
        new($"'{item}' has no {Property}: give it as text.", new PSInvalidCastException());
}
