namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Stands before a rule whose condition the copy cannot know (a rate, a quota, the time, a set that packets fill), with
/// all the conditions that it can: when it counts a packet, the rule behind it might have decided.
/// </summary>
/// <param name="Mark">Its comment.</param>
/// <param name="Effect">What the rule would do.</param>
/// <param name="Rule">The rule, for people.</param>
internal sealed record Witness(string Mark, WitnessEffect Effect, string Rule)
{
    public const string Prefix = "sea-witness-";

    /// <summary>The family and the name of the rule's table.</summary>
    public string Table { get; init; } = string.Empty;

    /// <summary>Whether nobody notices which rules of that table a packet did not meet, but for what they let pass
    /// or deny.</summary>
    public bool SkipsOnlyDecisions { get; init; }

    /// <summary>Whether its chain denies whatever comes behind the rule.</summary>
    public bool ElseDenies { get; init; }

    public static string MarkOf(int number) => FormattableString.Invariant($"{Prefix}{number}");
}
