using System.Collections.Concurrent;
using System.Management.Automation;
using System.Reflection;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Marks a parameter that says how something is to be, and takes that from a row of a file as well. An object of this
/// module has the same property and says how the thing is: of that nothing is taken. A blank cell was not given.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RowValueAttribute : ArgumentTransformationAttribute
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = new();
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> KnownOthers = new();

    /// <summary>The marked parameters of a cmdlet.</summary>
    public static IReadOnlyList<PropertyInfo> Of(Type cmdlet) => Known.GetOrAdd(
        cmdlet, static type => [.. type.GetProperties().Where(one => one.IsDefined(typeof(RowValueAttribute), inherit: true))]);

    /// <summary>
    /// Those that are bound by a property's name too, and that not every text can be made of: PowerShell passes over a
    /// cell that it cannot convert, and what is left may mean all there is.
    /// </summary>
    public static IReadOnlyList<PropertyInfo> Others(Type cmdlet) => KnownOthers.GetOrAdd(
        cmdlet,
        static type => [.. type.GetProperties().Where(static one =>
            (one.PropertyType.GetElementType() ?? one.PropertyType) != typeof(string)
            && one.GetCustomAttributes<ParameterAttribute>().Any(static by => by.ValueFromPipelineByPropertyName))
            .Except(Of(type))]);

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        Cell.IsBlank(inputData) ? null : inputData;
}
