namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What of this product is in a host's filter must not make it look as if nothing were needed.</summary>
internal static class OwnRules
{
    private const string Tag = "scanengine:sea-";

    /// <summary>A filter without the rules that bear this product's tag.</summary>
    public static HostFilter Without(HostFilter filter) => filter with
    {
        Native = Strip(filter.Native),
        Saved = [.. filter.Saved.Select(static s => s with { Text = Strip(s.Text) })],
    };

    private static string Strip(string text) => string.Join(
        '\n', text.Split('\n').Where(static l => !l.Contains(Tag, StringComparison.Ordinal)));
}
