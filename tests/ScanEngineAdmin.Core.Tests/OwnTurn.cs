using System.Runtime.CompilerServices;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests;

/// <summary>Many of these tests wait for real times: never beside the Pester suites, which start processes all
/// along.</summary>
internal static class OwnTurn
{
    private static IDisposable? _turn;

    [ModuleInitializer]
    internal static void Take() => _turn ??= TestTurn.Take();
}
