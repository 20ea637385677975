using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>The kernel's answer to one question.</summary>
/// <param name="Verdict">What becomes of the connection.</param>
/// <param name="Reason">Why, for people: the rule that decided, or what cannot be known.</param>
internal sealed record RehearsalAnswer(RehearsalVerdict Verdict, string Reason)
{
    /// <summary>Whether it is known that the way is not open.</summary>
    public bool IsDenied => Denies(Verdict);

    /// <summary>How it is rejected: an ICMP code's name, or "tcp reset"; empty when it is not.</summary>
    public string RejectedWith { get; init; } = string.Empty;

    /// <summary>The rule or policy that decided, as its manager shows it; empty when it was not found.</summary>
    public string Rule { get; init; } = string.Empty;

    /// <summary>
    /// The chain whose rule or policy denied in the copy, if only because of what the copy knows of time, rates and
    /// other packets; null when nothing did.
    /// </summary>
    public FilterChain? DeniedBy { get; init; }

    /// <summary>
    /// The chain with the rule that makes the answer unknown, as time, rates or other packets decide whether that rule
    /// denies or lets through; null when none does.
    /// </summary>
    public FilterChain? DependsOn { get; init; }

    /// <summary>
    /// The chains with such rules that the packets met and that change nothing of a denial: of a connection of a host to
    /// itself they may still decide about one of the two ways.
    /// </summary>
    public IReadOnlyList<FilterChain> Changing { get; init; } = [];

    /// <summary>Whether the first packet passes and only its answer does not.</summary>
    public bool OnlyAnswerDenied { get; init; }

    /// <summary>The names of the chains that the packets met, in order.</summary>
    public IReadOnlyList<string> Chains { get; init; } = [];

    /// <summary>What lies beside the packet filter and was not copied, such as XDP or routing rules.</summary>
    public IReadOnlyList<string> Beside { get; init; } = [];

    /// <summary>
    /// What a rule for that way can change of it: a connection of a host to itself meets both ways' chains, and a rule
    /// is of one of them only.
    /// </summary>
    public RehearsalAnswer OfFlow(RuleFlow flow) => (flow, IsDenied ? DeniedBy?.Hook : null, OnlyAnswerDenied) switch
    {
        (RuleFlow.Out, "prerouting" or "input", false)
            when Changing.FirstOrDefault(static c => c.Hook is "output" or "postrouting") is { } chain => Unknown(
                $"on its way out of this host itself it depends on a rule of {chain} whose effect changes"),
        (RuleFlow.Out, "prerouting" or "input", false) => new RehearsalAnswer(
            RehearsalVerdict.Open, $"it goes out; on its way in to this host itself it is {Reason}")
        { Beside = Beside },
        (RuleFlow.In, "output" or "postrouting", false) => Unknown(
            $"on its way out of this host itself it is {Reason}"),
        _ => this,
    };

    public static bool Denies(RehearsalVerdict verdict) =>
        verdict is RehearsalVerdict.Dropped or RehearsalVerdict.Rejected;

    public static RehearsalAnswer Unknown(string reason) => new(RehearsalVerdict.Unknown, reason);
}
