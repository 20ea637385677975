using System.Globalization;
using System.Xml.Linq;

namespace ScanEngineAdmin.Module.Tests.Pester;

/// <summary>What Pester's own result file says of one suite.</summary>
internal sealed record PesterResult(int Passed, IReadOnlyList<string> Failures, IReadOnlyList<string> NotRun)
{
    /// <summary>Reads the file; null where there is none or it names no test.</summary>
    public static PesterResult? Read(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        XElement[] cases = XDocument.Load(file).Descendants("test-case").ToArray();
        string[] Named(params string[] results) => cases
            .Where(one => results.Contains((string?)one.Attribute("result"))).Select(Words).ToArray();
        return cases.Length == 0
            ? null
            : new PesterResult(
                Named("Success").Length,
                Named("Failure", "Error", "Invalid", "Inconclusive"),
                Named("Ignored", "Skipped", "NotRunnable"));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Passed} passed, {Failures.Count} failed, {NotRun.Count} skipped");

    private static string Words(XElement test) =>
        $"{test.Attribute("name")?.Value}: {test.Descendants("message").FirstOrDefault()?.Value}".TrimEnd(':', ' ');
}
