using System.Globalization;
using System.Management.Automation;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Makes a port parameter take what stands in a cell of a file. A blank cell is a port that was not given; what is no
/// port reaches the cmdlet all the same, which knows the engine and the row, and PowerShell's binding does not.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PortCellAttribute : ArgumentTransformationAttribute
{
    private const int Bad = int.MinValue;

    /// <summary>
    /// The port that a blank cell means, for a parameter that binds nothing but ports; 0 for one that binds null.
    /// </summary>
    public int Blank { get; init; }

    public static bool IsBad(int? port) => port is < 1 or > 65535;

    /// <summary>What was given for a port and is none: in quotes, behind a blank; empty where nobody knows it any more.</summary>
    /// <param name="cmdlet">The cmdlet at hand.</param>
    /// <param name="parameter">The port's parameter.</param>
    /// <param name="port">The parameter's value.</param>
    public static string Given(ScanEngineCommand cmdlet, string parameter, int? port)
    {
        string? text = port is null or Bad
            ? cmdlet.CellOf(parameter)
            : port.Value.ToString(CultureInfo.InvariantCulture);
        return string.IsNullOrWhiteSpace(text) ? string.Empty : $" '{TypedText.Shown(text)}'";
    }

    /// <exception cref="ScanEngineException">PortInvalid: it names what the port is for, and what was given.</exception>
    public static int? Check(ScanEngineCommand cmdlet, string parameter, int? port, string name) => !IsBad(port)
        ? port
        : throw new ScanEngineException(
            FaultCode.PortInvalid,
            $"The port{Given(cmdlet, parameter, port)} for '{name}' is no number from 1 to 65535.",
            "Mend it, or leave it out.",
            name);

    private object? NotGiven => Blank == 0 ? null : Blank;

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = Cell.Of(inputData);
        return value switch
        {
            _ when Cell.IsBlank(value) => NotGiven,
            _ when Blank != 0 => LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out int port)
                ? port
                : throw new ArgumentTransformationMetadataException($"'{value}' is no port. Give a number from 1 to 65535."),
            string text => int.TryParse(
                text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int read) ? read : Bad,
            _ => LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out int port) ? port : Bad,
        };
    }
}
