using ScanEngineAdmin.Core.Diagnosis;

namespace ScanEngineAdmin.Pipeline;

/// <summary>One way to test, and who tests it.</summary>
/// <param name="Name">The engine (or endpoint) as the user named it.</param>
/// <param name="Request">Makes the request; throws what an admin has to know, such as a missing address.</param>
/// <param name="TestAsync">The node's own tester, which can ask the other end.</param>
internal sealed record FirewallTestJob(
    string Name,
    Func<FirewallTestRequest> Request,
    Func<FirewallTestRequest, CancellationToken, Task<FirewallTestResult>> TestAsync);
