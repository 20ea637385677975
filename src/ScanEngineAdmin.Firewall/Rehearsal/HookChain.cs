namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>A base chain at its place among those of the same hook.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Table">Its table.</param>
/// <param name="Priority">Its place: the lowest is first.</param>
/// <param name="IsNat">Whether it is one of those that the kernel runs where it translates addresses, whatever
/// their priority.</param>
/// <param name="HasRules">Whether it does anything but let packets pass, or none.</param>
/// <param name="Entry">What enters it.</param>
internal sealed record HookChain(
    FilterChain Chain, FilterTable Table, int Priority, bool IsNat, bool HasRules, HookEntry Entry)
{
    // Where the kernel's own parts have their hooks.
    private const int TrackingBegins = -200;
    private const int TrackingEnds = int.MaxValue;

    public bool V4 => Chain.Family != "ip6";

    public bool V6 => Chain.Family != "ip";

    public bool IsWhereTracking => !IsNat && Priority == (IsEarly ? TrackingBegins : TrackingEnds);

    public bool IsWhereTranslating => !IsNat && Priority == TranslationOf(Chain.Hook);

    private bool IsEarly => Chain.Hook is "prerouting" or "output";

    /// <summary>Where the kernel translates addresses.</summary>
    public static int TranslationOf(string hook) => hook is "prerouting" or "output" ? -100 : 100;

    /// <summary>Whether the kernel decides by the time of registration alone which of the two is first.</summary>
    public bool IsBeside(HookChain other) => Chain.Hook == other.Chain.Hook && IsNat == other.IsNat
        && Priority == other.Priority && ((V4 && other.V4) || (V6 && other.V6));
}
