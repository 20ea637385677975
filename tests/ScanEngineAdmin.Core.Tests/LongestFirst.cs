using ScanEngineAdmin.Core.Tests;
using ScanEngineAdmin.Core.Tests.Certificates;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Core.Tests.Firewall.Applying;
using ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;
using ScanEngineAdmin.Core.Tests.Firewall.Requests;
using ScanEngineAdmin.Core.Tests.Hosts;
using ScanEngineAdmin.Core.Tests.Security;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace ScanEngineAdmin.Core.Tests;

/// <summary>
/// The classes that take longest begin before all others: the tests of a class run one after the other, and at the end no
/// class is to run alone.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly Type[] Longest =
    [
        typeof(PooledScanTests), typeof(AttackTests), typeof(PaceTests), typeof(PlacementTests), typeof(RealApplyTests),
        typeof(ReducedCaseTests), typeof(RotationTests), typeof(RealApplierServiceTests), typeof(RealManagerSearchTests),
        typeof(FullDiskTests), typeof(GeneratedRulesetTests), typeof(RealEgressTests), typeof(ClockJumpTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : notnull, ITestCollection =>
        testCollections.OrderBy(tests => Place(tests.TestCollectionDisplayName)).ToArray();

    // A class that names no collection is one, with the class in its name.
    private static int Place(string name)
    {
        int place = Array.FindIndex(Longest, type => name.Contains(type.FullName! + " ", StringComparison.Ordinal));
        return place < 0 ? Longest.Length : place;
    }
}
