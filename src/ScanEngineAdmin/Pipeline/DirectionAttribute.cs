using System.Management.Automation;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Makes a direction parameter also take the vendor's words, Standard and Reverse.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DirectionAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether a blank cell of a file is a direction that was not given.</summary>
    public bool MayBeBlank { get; init; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = Cell.Of(inputData);
        return value switch
        {
            null => null,
            _ when MayBeBlank && Cell.IsBlank(value) => null,
            CommunicationDirection direction when Enum.IsDefined(direction) => direction,
            string text when DirectionConverter.TryRead(text, out CommunicationDirection direction) => direction,
            _ => throw new ArgumentTransformationMetadataException(
                $"'{value}' is no direction. Use ConsoleToEngine (Standard) or EngineToConsole (Reverse)."),
        };
    }
}
