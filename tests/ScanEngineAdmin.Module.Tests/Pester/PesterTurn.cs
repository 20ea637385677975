using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Module.Tests.Pester;

/// <summary>
/// The suites start processes all along: never beside the tests of Core, many of which wait for real times.
/// </summary>
public sealed class PesterTurn : IDisposable
{
    private readonly IDisposable _turn = TestTurn.Take();

    public void Dispose() => _turn.Dispose();
}
