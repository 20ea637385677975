namespace ScanEngineAdmin.Faults.Lab;

/// <summary>
/// A rule set as one transaction, with a chain that denies nothing and keeps the kernel tracking connections all the
/// time: else a channel that was opened before a filter came would be new to that filter.
/// </summary>
internal static class Tracking
{
    public static string Set(string hook, params string[] commands) => string.Join("; ", (string[])
    [
        "flush ruleset",
        "add table inet track",
        $"add chain inet track {hook} {{ type filter hook {hook} priority -10; }}",
        $"add rule inet track {hook} ct state established counter",
        .. commands,
    ]);
}
