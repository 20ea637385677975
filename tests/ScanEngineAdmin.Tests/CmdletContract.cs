using System.Reflection;

namespace ScanEngineAdmin.Tests;

/// <summary>One cmdlet as its metadata declares it.</summary>
internal sealed record CmdletContract(
    string Verb,
    string Noun,
    bool Confirms,
    int Impact,
    IReadOnlyList<string> Outputs,
    IReadOnlyList<ParameterContract> Parameters)
{
    private const string Inner = "ScanEngineAdmin.Dsc";

    public string Name => $"{Verb}-{Noun}";

    public ParameterContract this[string parameter] => Parameters.Single(p => p.Name == parameter);

    public static IReadOnlyList<CmdletContract> ReadAll(Assembly assembly) =>
        [.. All(assembly).Where(type => type.Namespace != Inner).Select(Read)];

    /// <summary>Those that the root module uses and does not export.</summary>
    public static IReadOnlyList<string> ReadInner(Assembly assembly) =>
        [.. All(assembly).Where(type => type.Namespace == Inner).Select(type => Read(type).Name)];

    private static IEnumerable<Type> All(Assembly assembly) =>
        assembly.GetTypes().Where(type => Find(type, "CmdletAttribute") is not null);

    public static CustomAttributeData? Find(MemberInfo member, string attribute) =>
        member.GetCustomAttributesData().FirstOrDefault(data => data.AttributeType.Name == attribute);

    private static CmdletContract Read(Type type)
    {
        CustomAttributeData cmdlet = Find(type, "CmdletAttribute")!;
        IEnumerable<string> outputs = type.GetCustomAttributesData()
            .Where(data => data.AttributeType.Name == "OutputTypeAttribute")
            .SelectMany(data => (IReadOnlyCollection<CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!)
            .Select(argument => ((Type)argument.Value!).Name);
        return new CmdletContract(
            (string)cmdlet.ConstructorArguments[0].Value!,
            (string)cmdlet.ConstructorArguments[1].Value!,
            Named(cmdlet, "SupportsShouldProcess") is true,
            Named(cmdlet, "ConfirmImpact") is int impact ? impact : 2,
            [.. outputs],
            [.. type.GetProperties().Where(p => Find(p, "ParameterAttribute") is not null)
                .Select(ParameterContract.Read)]);
    }

    internal static object? Named(CustomAttributeData data, string name) =>
        data.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value;
}
