using System.Reflection;

namespace ScanEngineAdmin.Tests;

/// <summary>One parameter of a cmdlet as its metadata declares it.</summary>
internal sealed record ParameterContract(
    string Name,
    Type Type,
    IReadOnlyList<string> Aliases,
    bool Mandatory,
    bool ByPropertyName,
    bool ByValue,
    int? Position,
    bool Wildcards,
    IReadOnlyList<string> Attributes)
{
    /// <summary>The type without Nullable and without the array.</summary>
    public string Element => Bare(Type.IsArray ? Type.GetElementType()! : Type);

    public bool Many => Type.IsArray;

    public static ParameterContract Read(PropertyInfo property)
    {
        CustomAttributeData parameter = CmdletContract.Find(property, "ParameterAttribute")!;
        CustomAttributeData? alias = CmdletContract.Find(property, "AliasAttribute");
        IEnumerable<string> aliases = alias is null ? [] :
            ((IReadOnlyCollection<CustomAttributeTypedArgument>)alias.ConstructorArguments[0].Value!)
            .Select(argument => (string)argument.Value!);
        return new ParameterContract(
            property.Name,
            property.PropertyType,
            [.. aliases],
            CmdletContract.Named(parameter, "Mandatory") is true,
            CmdletContract.Named(parameter, "ValueFromPipelineByPropertyName") is true,
            CmdletContract.Named(parameter, "ValueFromPipeline") is true,
            CmdletContract.Named(parameter, "Position") as int?,
            CmdletContract.Find(property, "SupportsWildcardsAttribute") is not null,
            [.. property.GetCustomAttributesData().Select(data => data.AttributeType.Name)]);
    }

    private static string Bare(Type type) =>
        type.IsGenericType ? type.GetGenericArguments()[0].Name : type.Name;
}
