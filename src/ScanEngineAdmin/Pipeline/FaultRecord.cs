using System.Management.Automation;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Makes PowerShell's error record of a fault: its name is the id, its advice the recommended action.
/// </summary>
internal static class FaultRecord
{
    public static ErrorRecord Of(ScanEngineException fault, object? named) =>
        new(fault, fault.Code.ToString(), FaultCategories.Of(fault.Code), named ?? fault.Target)
        {
            ErrorDetails = new ErrorDetails(fault.Message) { RecommendedAction = fault.Recommendation },
        };
}
