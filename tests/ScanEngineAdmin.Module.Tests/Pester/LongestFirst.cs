using Xunit.Sdk;
using Xunit.v3;

namespace ScanEngineAdmin.Module.Tests.Pester;

/// <summary>The suites that take longest begin before all others, so that none of them ends long after the others.</summary>
public sealed class LongestFirst : ITestCaseOrderer
{
    private static readonly string[] Longest =
        ["Schedules", "Readme", "FirewallRules", "Scans", "Dsc", "Direction", "Pools", "Package"];

    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase =>
        testCases.OrderBy(test => Place(test.TestCaseDisplayName)).ToArray();

    private static int Place(string name)
    {
        int place = Array.FindIndex(Longest, suite => name.Contains($"\"{suite}\"", StringComparison.Ordinal));
        return place < 0 ? Longest.Length : place;
    }
}
