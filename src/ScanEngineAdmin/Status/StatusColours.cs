using System.Management.Automation;

namespace ScanEngineAdmin.Status;

/// <summary>The colours of a session's $PSStyle, which the library that this module is built with does not know.</summary>
internal sealed record StatusColours(string Good, string Warning, string Bad, string Dim, string Bold, string Reset)
{
    /// <summary>Null where the session wants none.</summary>
    public static StatusColours? Of(SessionState session)
    {
        if (session.PSVariable.GetValue("PSStyle") is not { } style
            || Read(style, "OutputRendering") is not { } rendering || rendering == "PlainText"
            || Value(style, "Foreground") is not { } foreground)
        {
            return null;
        }

        return new StatusColours(
            Sign(foreground, "Green"),
            Sign(foreground, "Yellow"),
            Sign(foreground, "Red"),
            Sign(foreground, "BrightBlack"),
            Sign(style, "Bold"),
            Sign(style, "Reset"));
    }

    private static string Sign(object of, string name) => Read(of, name) ?? string.Empty;

    private static string? Read(object of, string name) => Value(of, name)?.ToString();

    private static object? Value(object of, string name) => PSObject.AsPSObject(of).Properties[name]?.Value;
}
