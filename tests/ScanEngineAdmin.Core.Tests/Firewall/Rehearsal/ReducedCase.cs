using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>A filter that was once misread, as small as it can be.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Load">The line of shell that makes it.</param>
/// <param name="Open">Whether the connection really passes.</param>
/// <param name="Question">Which connection.</param>
public sealed record ReducedCase(string Name, string Load, bool Open, string Question = "in 10.77.0.2 40814")
{
    /// <summary>Whether a rate, a count or the time decides, so that no definite answer is right.</summary>
    public bool Changing { get; init; }

    /// <summary>What the answer has to say of the rule that decides.</summary>
    public string Decides { get; init; } = string.Empty;

    public override string ToString() => Name;

    internal Question Asked
    {
        get
        {
            string[] words = Question.Split(' ');
            return new Question(
                words[0] == "in" ? RuleFlow.In : RuleFlow.Out, System.Net.IPAddress.Parse(words[1]),
                int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    internal RehearsalVerdict[] Right => Changing ? [RehearsalVerdict.Unknown]
        : Open ? [RehearsalVerdict.Open] : [RehearsalVerdict.Dropped, RehearsalVerdict.Rejected];

    /// <summary>The line of shell that makes a table with one chain.</summary>
    internal static string Chain(string policy, string rules, string hook = "input", string priority = "filter") =>
        $"nft 'add table inet filter; add chain inet filter c {{ type filter hook {hook} priority {priority}; policy "
        + $"{policy}; }}'; printf '%s' 'table inet filter {{ chain c {{ {rules}; }}; }}' | nft -f -";

    /// <summary>The line that makes one that redirects to another port, and lets in what is told.</summary>
    internal static string Nat(string accept) =>
        "nft -f - <<'X'\ntable inet filter { chain nat { type nat hook prerouting priority dstnat; tcp dport 40814 "
            + "redirect to "
        + $":22; }}\nchain input {{ type filter hook input priority 0; policy drop; ct state established accept; "
        + $"{accept}; }}; }}\nX";
}
