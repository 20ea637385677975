using System.Management.Automation;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A value as a row of a file brings it. A blank one was not given.</summary>
internal static class Cell
{
    public static object? Of(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    public static bool IsBlank(object? value) =>
        Of(value) is null || (Of(value) is string text && string.IsNullOrWhiteSpace(text));
}
