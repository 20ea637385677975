namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>What a text has to be, to the letter.</summary>
internal static class GoldenFile
{
    // Set to the folder of the golden files to write them anew; then read the difference before committing.
    private const string Rewrite = "SCANENGINEADMIN_GOLDEN";

    public static void AssertIs(string name, string text)
    {
        text = text.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable(Rewrite) is { Length: > 0 } folder)
        {
            File.WriteAllText(Path.Combine(folder, name), text);
            return;
        }

        string golden = Path.Combine(AppContext.BaseDirectory, "Firewall", "Golden", name);
        Assert.Equal(File.ReadAllText(golden).ReplaceLineEndings("\n"), text);
    }
}
