using System.Management.Automation;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Makes a TimeSpan parameter take what <see cref="DurationText"/> reads, within bounds: PowerShell alone would take
/// -Timeout 30 for 3 microseconds and '30' for thirty days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute : ArgumentTransformationAttribute
{
    private readonly TimeSpan _min;
    private readonly TimeSpan _max;

    public DurationAttribute(string min, string max)
    {
        Min = min;
        Max = max;
        DurationText.TryRead(min, out _min);
        DurationText.TryRead(max, out _max);
    }

    public string Min { get; }

    public string Max { get; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;

        // PowerShell reads a bare 2d as the decimal 2; what was typed is still there beneath.
        string? typed = inputData?.ToString();
        TimeSpan duration = default;
        bool read = (value is decimal && DurationText.TryRead(typed, out duration))
            || DurationText.TryRead(value, out duration);
        if (!read)
        {
            throw new ArgumentTransformationMetadataException(
                $"'{typed}' is no duration. "
                + "Give a number of seconds, '30s', '5m', '1h', '2d', '00:00:30' or a TimeSpan.");
        }

        return duration >= _min && duration <= _max
            ? duration
            : throw new ArgumentTransformationMetadataException(
                $"The duration '{typed}' is out of range: it must be from {Min} to {Max}.");
    }
}
