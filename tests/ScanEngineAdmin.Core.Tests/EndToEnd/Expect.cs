using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>What is expected of an error; where another one comes, all that it says is shown.</summary>
internal static class Expect
{
    public static async Task<ScanEngineException> FaultAsync(FaultCode code, Func<Task> work)
    {
        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(work);
        Assert.True(fault.Code == code, $"{code} was expected: {fault}");
        return fault;
    }
}
