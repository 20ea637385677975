using System.Globalization;
using System.Management.Automation;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Makes a DateTimeOffset parameter take a duration from now on, as <see cref="DurationText"/> reads it, or a time.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DeadlineAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        DateTimeOffset now = DateTimeOffset.Now;
        DateTimeOffset deadline = Read(value, inputData, now) ?? throw new ArgumentTransformationMetadataException(
            $"'{inputData}' is no deadline. Give a duration from now on ('2h', '30m', a number of seconds, a TimeSpan) "
            + "or a time ('2030-01-31 06:00', a DateTime).");
        return deadline - now >= ScanTerms.MinDeadline && deadline - now <= ScanTerms.MaxDeadline
            ? deadline
            : throw new ArgumentTransformationMetadataException(
                $"The deadline '{inputData}' is out of range: it must be from "
                + $"{ScanTerms.MinDeadline.TotalSeconds:0} s to {ScanTerms.MaxDeadline.TotalDays:0} days from now.");
    }

    private static DateTimeOffset? Read(object? value, object? typed, DateTimeOffset now)
    {
        switch (value)
        {
            case DateTimeOffset time:
                return time;
            case DateTime time:
                return time;
        }

        // PowerShell reads a bare 2d as the decimal 2; what was typed is still there beneath.
        if ((value is decimal && DurationText.TryRead(typed!.ToString(), out TimeSpan duration))
            || DurationText.TryRead(value, out duration))
        {
            return duration < TimeSpan.FromDays(10_000) ? now + duration : null;
        }

        // As PowerShell reads dates that are typed: the same on every host.
        return value is string text && DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset read) ? read : null;
    }
}
