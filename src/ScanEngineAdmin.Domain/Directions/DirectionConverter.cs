using System.ComponentModel;
using System.Globalization;

namespace ScanEngineAdmin.Domain.Directions;

/// <summary>
/// Lets a direction be written in the vendor's words too, Standard and Reverse, wherever PowerShell makes one of a text:
/// the type carries them, so a variable, a function's parameter and a mock take them as the cmdlets do.
/// </summary>
internal sealed class DirectionConverter : TypeConverter
{
    public static bool TryRead(string text, out CommunicationDirection direction)
    {
        ArgumentNullException.ThrowIfNull(text);
        direction = text.Trim().ToUpperInvariant() switch
        {
            "CONSOLETOENGINE" or "STANDARD" => CommunicationDirection.ConsoleToEngine,
            "ENGINETOCONSOLE" or "REVERSE" => CommunicationDirection.EngineToConsole,
            _ => (CommunicationDirection)(-1),
        };
        return Enum.IsDefined(direction);
    }

    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is not string text ? base.ConvertFrom(context, culture, value)
        : TryRead(text, out CommunicationDirection direction) ? direction
        : throw new FormatException(
            $"'{value}' is no direction. Use ConsoleToEngine (Standard) or EngineToConsole (Reverse).");
}
