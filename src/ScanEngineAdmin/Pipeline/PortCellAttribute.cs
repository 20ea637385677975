using System.Globalization;
using System.Management.Automation;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Makes a port parameter take what stands in a cell of a file. A blank cell is a port that was not given; what is no
/// port reaches the cmdlet all the same, which knows the engine and the row, and PowerShell's binding does not.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PortCellAttribute : ArgumentTransformationAttribute
{
    private const int Bad = -1;

    /// <summary>
    /// The port that a blank cell means, for a parameter that binds nothing but ports; 0 for one that binds null.
    /// </summary>
    public int Blank { get; init; }

    public static bool IsBad(int? port) => port is < 1 or > 65535;

    /// <exception cref="ScanEngineException">PortInvalid: it names what the port is for, and not what became of the cell.</exception>
    public static int? Check(int? port, string name) => !IsBad(port) ? port : throw new ScanEngineException(
        FaultCode.PortInvalid,
        $"The port for '{name}' is no number from 1 to 65535.",
        "Mend it, or leave it out.",
        name);

    private object? NotGiven => Blank == 0 ? null : Blank;

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            null => NotGiven,
            string text when string.IsNullOrWhiteSpace(text) => NotGiven,
            _ when Blank != 0 => inputData,
            string text => int.TryParse(
                text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int read) ? read : Bad,
            _ => LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out int port) ? port : Bad,
        };
    }
}
