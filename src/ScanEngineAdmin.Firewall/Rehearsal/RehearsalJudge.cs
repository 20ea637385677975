using System.Net;
using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Makes an answer out of what was seen: the verdict is the kernel's, the rule behind it is looked
/// up.</summary>
internal static partial class RehearsalJudge
{
    /// <summary>With what an answer says that there is more than the packet filter.</summary>
    public const string Besides = "As far as the packet filter goes";

    /// <summary>What is said where there was neither an answer nor a rule that denies it: on a busy machine it was
    /// late.</summary>
    public const string NothingSeen = "It was not answered in the copy, and no rule was seen that denies it.";

    public static RehearsalAnswer Judge(
        RehearsalObservation seen, IReadOnlyList<FiredWitness> fired, RulesetListing listing,
        IReadOnlyList<SavedCount> counted, HostFilter filter, IReadOnlyList<string> beside)
    {
        if (fired.FirstOrDefault(w => !w.Agrees(seen.Verdict)) is { } open)
        {
            return RehearsalAnswer.Unknown(
                $"It depends on a rule whose effect changes with time, rate or other packets: "
                    + $"'{Clean(open.Witness.Rule)}'.") with
            {
                DeniedBy = seen.Verdict == RehearsalVerdict.Open || seen.OnlyAnswerDenied ? null
                    : Denied(seen, listing, counted, filter, beside).DeniedBy,
                DependsOn = seen.OnlyAnswerDenied ? null : open.Chain,
            };
        }

        if (seen is { Verdict: RehearsalVerdict.Dropped, IsRemembered: true } && Retransmission.MayDiffer(filter)
            && Denied(seen, listing, counted, filter, beside) is { IsDenied: true } denied)
        {
            return RehearsalAnswer.Unknown(
                "It is dropped at first, but may pass when it is sent again, as its connection may be marked then by "
                    + $"{MarkSet(seen, listing, counted, filter)}.") with
            {
                DeniedBy = seen.OnlyAnswerDenied ? null : denied.DeniedBy,
            };
        }

        // What a rule refuses comes back as well, as its own error message.
        if (seen.ComesBack && Translated(seen, listing, counted, filter) is { } back)
        {
            return RehearsalAnswer.Unknown($"It is led back to this host itself by {back}.");
        }

        if (seen.Verdict == RehearsalVerdict.Open && Lost(seen, listing, counted, filter) is { } lost)
        {
            return RehearsalAnswer.Unknown(lost);
        }

        if (seen.Verdict == RehearsalVerdict.Open)
        {
            string way = seen.Redirected is { } port
                ? FormattableString.Invariant($" It is redirected to this host's own port {port}.")
                : string.Empty;
            string rule = Accepting(seen, listing, counted, filter);
            return new RehearsalAnswer(
                RehearsalVerdict.Open,
                (rule.Length > 0 ? $"let through by {rule}." : "nothing on this host denies it.") + way
                + (beside.Count == 0 ? string.Empty
                    : $" {Besides}: there is also {string.Join(", ", beside)}."))
            {
                Rule = rule,
                Beside = beside,
            };
        }

        return Denied(seen, listing, counted, filter, beside) with
        {
            Changing = [.. fired.Select(static f => f.Chain)],
        };
    }

    /// <summary>Whether a rule, as nft lists it, may lead a packet elsewhere.</summary>
    internal static bool Translates(string rule) => Translation().IsMatch(Bare(rule));

    private static string Bare(string rule) => Names().Replace(rule, string.Empty);

    private static RehearsalAnswer Denied(
        RehearsalObservation seen, RulesetListing listing, IReadOnlyList<SavedCount> counted, HostFilter filter,
        IReadOnlyList<string> beside)
    {
        TraceStep[] steps = [.. seen.OnlyAnswerDenied ? seen.Steps.Skip(seen.AnswerFrom) : seen.Steps];
        bool inward = seen.IsInward == !seen.OnlyAnswerDenied;
        SavedCount? saved = SavedDeciders.Denying(counted, inward);
        int at = Array.FindLastIndex(
            steps, static s => s.Verdict is TraceVerdict.Drop or TraceVerdict.Stolen or TraceVerdict.Queue
                && s.Table != RehearsalTables.Name);
        string rule;
        FilterChain? chain = null;
        if (at >= 0 && (saved is not { Refuses: true } || (listing.Rule(steps[at]) is { } text
            && Bare(text).Contains("reject", StringComparison.OrdinalIgnoreCase))))
        {
            if (steps[at].Verdict == TraceVerdict.Queue)
            {
                return RehearsalAnswer.Unknown("A rule hands it to a program, whose verdict cannot be known.");
            }

            chain = Base(steps, at, listing, filter);
            rule = Text(steps[at], listing, filter);
        }
        else if (saved is not null)
        {
            chain = SavedDeciders.Base(counted, saved, inward);
            rule = $"{saved.Tables.Tool} -t {saved.Table}: {saved.Line}";
        }
        else if (Translated(seen, listing, counted, filter) is { } elsewhere)
        {
            return AnotherHost(elsewhere, filter) is { } host
                ? new RehearsalAnswer(
                    RehearsalVerdict.Dropped, $"not for this host: it is sent to {host} by {elsewhere}.")
                { Rule = elsewhere, Beside = beside }
                : RehearsalAnswer.Unknown($"It is sent elsewhere by {elsewhere}.");
        }
        else if (seen.AnsweredAs is { } sender)
        {
            return new RehearsalAnswer(
                RehearsalVerdict.Dropped, $"let through, but a rule changes its answer, which leaves as from {sender}.")
            { OnlyAnswerDenied = true, Beside = beside };
        }
        else if (seen.Verdict == RehearsalVerdict.Rejected)
        {
            rule = string.Empty;
        }
        else
        {
            return RehearsalAnswer.Unknown(NothingSeen);
        }

        string how = seen.Verdict == RehearsalVerdict.Rejected ? $"rejected ({seen.Refusal})" : "dropped";
        string by = rule.Length == 0 ? string.Empty : $" by {rule}";
        string before = !seen.OnlyAnswerDenied && Translated(seen, listing, counted, filter) is { } led
            ? $" Before that it is led elsewhere by {led}." : string.Empty;
        return new RehearsalAnswer(
            seen.Verdict,
            seen.OnlyAnswerDenied ? $"let through, but its answer is {how} on the way back{by}."
                : $"{how}{by}.{before}")
        {
            RejectedWith = seen.Verdict == RehearsalVerdict.Rejected ? seen.Refusal : string.Empty,
            Rule = rule,
            DeniedBy = chain,
            OnlyAnswerDenied = seen.OnlyAnswerDenied,
            Beside = beside,
        };
    }

    // The address that a rule sends to, where the rule says it and none of this host's interfaces has it.
    private static IPAddress? AnotherHost(string rule, HostFilter filter) =>
        SentTo().Match(rule) is { Success: true } match
        && IPAddress.TryParse(match.Groups[1].Value.Trim('[', ']'), out IPAddress? to)
        && !IPAddress.IsLoopback(to) && !filter.Links.Any(l => l.Addresses.Any(a => a.Address.Equals(to)))
            ? to : null;

    private static string Accepting(
        RehearsalObservation seen, RulesetListing listing, IReadOnlyList<SavedCount> counted, HostFilter filter)
    {
        // Of the first packet's way, not of its answer's.
        TraceStep? step = seen.Steps.Take(seen.AnswerFrom > 0 ? seen.AnswerFrom : seen.Steps.Count).LastOrDefault(
            s => s.Verdict == TraceVerdict.Accept && !s.IsPolicy
            && s.Table != RehearsalTables.Name
            && (listing.Rule(s)?.Contains(Witness.Prefix, StringComparison.Ordinal) != true));
        return step is not null ? Text(step, listing, filter)
            : SavedDeciders.Accepting(counted, seen.IsInward) is { } saved
            ? $"{saved.Tables.Tool} -t {saved.Table}: {saved.Line}"
            : string.Empty;
    }

    private static string? Translated(
        RehearsalObservation seen, RulesetListing listing, IReadOnlyList<SavedCount> counted, HostFilter filter)
    {
        TraceStep? step = seen.Steps.LastOrDefault(s => s.Verdict is not (TraceVerdict.Jump or TraceVerdict.Goto)
            && listing.Rule(s) is { } text && Translates(text));
        return step is not null ? Text(step, listing, filter)
            : counted.FirstOrDefault(static c => c.Table == "nat" && !c.IsPolicy
                && SavedRule.Translates(c.Line)) is { } saved
            ? $"{saved.Tables.Tool} -t {saved.Table}: {saved.Line}"
            : null;
    }

    // Why nobody can know whether what leaves this host is answered; null where nothing speaks against it.
    private static string? Lost(
        RehearsalObservation seen, RulesetListing listing, IReadOnlyList<SavedCount> counted, HostFilter filter)
    {
        if (seen.Fault is { } fault)
        {
            string by = seen.Steps.LastOrDefault(s => listing.Rule(s) is { } text && Writing().IsMatch(Bare(text)))
                is { } writer ? Text(writer, listing, filter) : "a rule";
            return $"It leaves this host with {fault}, set by {by}.";
        }

        if (seen.SentTo is { } other)
        {
            return $"It is sent to {other} instead by {Translated(seen, listing, counted, filter) ?? "a rule"}: whether it "
                + "is answered there is not known.";
        }

        // An address of the link's own the kernel may have made for the copy alone.
        if (seen.SentAs is not { IsIPv6LinkLocal: false } sender || (!IPAddress.IsLoopback(sender)
            && filter.Links.Any(l => l.Addresses.Any(a => a.Address.Equals(sender)))))
        {
            return null;
        }

        string source = seen.Steps.LastOrDefault(s => listing.Rule(s) is { } text && Source().IsMatch(Bare(text)))
            is { } step ? Text(step, listing, filter)
            : counted.LastOrDefault(static c => !c.IsPolicy
                && SavedRule.Target(c.Line) is "SNAT" or "MASQUERADE" or "NETMAP") is { } saved
            ? $"{saved.Tables.Tool} -t {saved.Table}: {saved.Line}" : "a rule";
        return $"It leaves as from {sender} by {source}: whether answers to that address come to this host is not known.";
    }

    private static string MarkSet(
        RehearsalObservation seen, RulesetListing listing, IReadOnlyList<SavedCount> counted, HostFilter filter) =>
        seen.Steps.LastOrDefault(s => listing.Rule(s) is { } text && Retransmission.SetsMark(Bare(text))) is { } step
            ? Text(step, listing, filter)
            : counted.LastOrDefault(static c => Retransmission.SavedSetsMark(c.Line)) is { } saved
            ? $"{saved.Tables.Tool} -t {saved.Table}: {saved.Line}"
            : "a rule that it did not meet at first";

    /// <summary>The base chain from which a packet came to where that step is.</summary>
    internal static FilterChain Base(
        IReadOnlyList<TraceStep> steps, int at, RulesetListing listing, HostFilter filter)
    {
        TraceStep step = steps[at];
        for (int i = at; i >= 0; i--)
        {
            if (steps[i].Packet == step.Packet && steps[i].Family == step.Family && steps[i].Table == step.Table
                && listing.Hook(step.Family, step.Table, steps[i].Chain) is { } hook)
            {
                return new FilterChain(step.Family, step.Table, steps[i].Chain, Manager(step, filter)) { Hook = hook };
            }
        }

        return new FilterChain(step.Family, step.Table, step.Chain, Manager(step, filter));
    }

    internal static string Text(TraceStep step, RulesetListing listing, HostFilter filter)
    {
        string where = $"{step.Family} {step.Table} {listing.Chain(step)}";
        if (step.IsPolicy)
        {
            return $"the policy of chain {where} ({step.Verdict.ToString().ToLowerInvariant()})";
        }

        SavedTables? saved = Saved(step, filter);
        if (saved is not null && SavedLine(saved, step, listing) is { } line)
        {
            return $"rule '{saved.Tool} -t {step.Table} {line}'";
        }

        return listing.Rule(step) is { } text ? $"rule '{Clean(text)}' of chain {where}" : $"a rule of chain {where}";
    }

    // The n-th rule of a chain is the n-th line of what was saved of it, witnesses counted on both sides.
    private static string? SavedLine(SavedTables saved, TraceStep step, RulesetListing listing)
    {
        if (listing.Place(step) is not { } place)
        {
            return null;
        }

        int witnesses = listing.WitnessesBefore(step);
        bool inside = false;
        int left = place - witnesses;
        foreach (string line in saved.Text.Split('\n'))
        {
            inside = line.StartsWith('*') ? line == "*" + step.Table : inside;
            if (inside && line.StartsWith($"-A {step.Chain} ", StringComparison.Ordinal) && left-- == 0)
            {
                return line;
            }
        }

        return null;
    }

    private static string Manager(TraceStep step, HostFilter filter) => Saved(step, filter)?.Manager ?? "nft";

    private static SavedTables? Saved(TraceStep step, HostFilter filter) => filter.Saved.FirstOrDefault(
        s => s.Manager == "iptables-nft" && s.Family == step.Family
            && s.Text.Split('\n').Contains("*" + step.Table));

    private static string Clean(string rule) => Counter().Replace(rule, string.Empty);

    [GeneratedRegex(
        @"(?:dnat (?:ip6? )?to|--to-destination) (\[[0-9a-f:]+\]|[0-9]+(?:\.[0-9]+){3}|[0-9a-f:]+)(?![-\w.])")]
    private static partial Regex SentTo();

    // Not the question whether an earlier rule has done so.
    [GeneratedRegex(@"(?<!\bct status )\b(dnat|redirect|tproxy)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Translation();

    // Texts, and names of chains and sets; but a target of iptables' that nft has no words for is listed as a text.
    [GeneratedRegex("(?<!\\bxt target )\"[^\"]*\"|\\b(?:jump|goto) \\S+|@\\S+")]
    private static partial Regex Names();

    [GeneratedRegex(@"(?:\b(?:ether|vlan|ip6?|tcp|th) [\w-]+|@\w+,\d+,\d+) set ")]
    private static partial Regex Writing();

    [GeneratedRegex(@"\b(?:snat|masquerade|netmap|ip6? saddr set)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Source();

    [GeneratedRegex(@"counter packets \d+ bytes \d+ ")]
    private static partial Regex Counter();
}
