using ScanEngineAdmin.Core.Tests;
using ScanEngineAdmin.Tests.Shared;

[assembly: AssemblyFixture(typeof(OwnTurn))]

namespace ScanEngineAdmin.Core.Tests;

/// <summary>
/// Many of these tests wait for real times: never beside the Pester suites, which start processes all along. A fixture
/// waits for the turn when the tests begin: xunit gives up a process that does not answer within a minute of its start.
/// </summary>
public sealed class OwnTurn : IDisposable
{
    private readonly IDisposable _turn = TestTurn.Take();

    public void Dispose() => _turn.Dispose();
}
