using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>One filter: what the product says of it, and what really happens.</summary>
internal sealed class RulesetTrial(RulesetHost host, Action<string> say)
{
    private static readonly Question[] Questions = [
        .. RulesetHost.Peers.SelectMany(
            static p => RulesetHost.Ports.Select(port => new Question(RuleFlow.In, p, port))),
        .. RulesetHost.Peers.Select(static p => new Question(RuleFlow.Out, p, RulesetHost.OutPort))];

    private bool _named;

    public async Task RunAsync(Ruleset ruleset, RulesetTally tally)
    {
        if (!await host.Filter.SetAsync(ruleset))
        {
            tally.Skipped++;
            return;
        }

        tally.Sets++;
        RehearsalAnswer[] answers = await AskAsync();
        bool[] really = await host.TryAsync(Questions);
        bool[] doubtful = [.. answers.Zip(really).Select(static a => Differs(a.First, a.Second))];
        if (doubtful.Contains(true))
        {
            // A busy machine may be late: a second look with more time, before anything is called wrong.
            really = await host.TryAsync(Questions, patient: true);
        }

        for (int i = 0; i < Questions.Length; i++)
        {
            tally.Questions++;
            tally.Unknown += answers[i].Verdict == RehearsalVerdict.Unknown ? 1 : 0;
            if (answers[i].Verdict == RehearsalVerdict.Unknown)
            {
                Console.Error.WriteLine($"UNKNOWN {ruleset.Name} {Questions[i]}: {answers[i].Reason}");
            }

            if (Differs(answers[i], really[i]))
            {
                tally.Wrong++;
                say($"WRONG {ruleset.Name}: {Questions[i]}: said {answers[i].Verdict} ({answers[i].Reason}), "
                    + $"really {(really[i] ? "open" : "denied")}\n{ruleset}");
            }
        }

        if (!really[0] || !really[4])
        {
            await OpenAsync(ruleset, tally);
        }
    }

    /// <summary>Opens what is closed, sees whether it is open then, and takes it back.</summary>
    private async Task OpenAsync(Ruleset ruleset, RulesetTally tally)
    {
        string before = await host.DumpAsync();
        string folder = Directory.CreateTempSubdirectory("sea-rulesets-").FullName;
        try
        {
            var applier = new FirewallPlanApplier(new HostTools(RunAsync, false, folder, TimeProvider.System));
            FirewallApplication done;
            try
            {
                done = await applier.ApplyAsync(
                    Plan(RuleChange.Add), NodeRole.Engine, new FirewallApplyOptions(), CancellationToken.None);
            }
            catch (ScanEngineException e)
            {
                tally.NotApplied++;
                Console.Error.WriteLine($"NOT OPENED {ruleset.Name}: {e.Message}");
                Unchanged(await host.DumpAsync(), e.Message);
                return;
            }

            string said = string.Join(' ', done.Results.Select(static r => $"{r.Outcome}: {r.Evidence}"));
            if (done.Results.Any(static r => r.Outcome
                is not (FirewallApplyOutcome.Applied or FirewallApplyOutcome.AlreadyPresent)
                || r.Evidence.Contains("not known", StringComparison.Ordinal)))
            {
                tally.NotApplied++;
                Console.Error.WriteLine($"NOT OPENED {ruleset.Name}: {said}");
                if (done.Results.All(static r => r.Outcome != FirewallApplyOutcome.Applied))
                {
                    Unchanged(await host.DumpAsync(), said);
                    return;
                }
            }
            else
            {
                tally.Applied++;
                bool[] open = await host.TryAsync([Questions[0], Questions[4]], patient: true);
                if (open.Contains(false))
                {
                    tally.NoEffect++;
                    say($"NO EFFECT {ruleset.Name}: {said}\n{ruleset}");
                }
            }

            _named = !_named;
            await applier.ApplyAsync(
                Plan(RuleChange.Remove), NodeRole.Engine,
                new FirewallApplyOptions
                {
                    // Whichever manager is named, what the others got has to go as well.
                    Provider = _named ? done.Provider : null,
                    PlanState = static _ => Task.FromResult<FirewallPlanState?>(new(1, ChangeState.Committed, true)),
                },
                CancellationToken.None);
            string after = await host.DumpAsync();
            if (after == before)
            {
                tally.Undone += said.Contains("not known", StringComparison.Ordinal)
                    || done.Results.Any(static r => r.Outcome == FirewallApplyOutcome.Failed) ? 0 : 1;
            }
            else
            {
                say($"NOT UNDONE {ruleset.Name}: {said}\nbefore:\n{before}\nafter:\n{after}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        void Unchanged(string after, string said)
        {
            if (after != before)
            {
                tally.Wrong++;
                say($"CHANGED {ruleset.Name} though nothing was applied: "
                    + $"{said}\nbefore:\n{before}\nafter:\n{after}");
            }
        }
    }

    // The managers of this machine are not those of the host, and each takes longer than a whole rehearsal to say so.
    private Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken) =>
        call.Tool is "ufw" or "firewall-cmd" ? Task.FromResult(ToolResult.Missing)
            : host.RunAsync(call, cancellationToken);

    private static FirewallPlan Plan(RuleChange change) => new()
    {
        ChangeId = new Guid(7, 7, 7, [7, 7, 7, 7, 7, 7, 7, 7]),
        EngineName = "lab-1",
        From = CommunicationDirection.EngineToConsole,
        To = CommunicationDirection.ConsoleToEngine,
        Epoch = 1,
        DryRun = false,
        State = ChangeState.Committed,
        Rules = [
            Rule(RuleFamily.IPv4, RulesetHost.Peers[0], change),
            Rule(RuleFamily.IPv6, RulesetHost.Peers[2], change),
        ],
    };

    private static FirewallRule Rule(RuleFamily family, System.Net.IPAddress peer, RuleChange change) => new()
    {
        RuleId = family == RuleFamily.IPv4 ? "sea-0123456789a4" : "sea-0123456789a6",
        HostRole = NodeRole.Engine,
        Host = "lab",
        Change = change,
        Flow = RuleFlow.In,
        LocalPort = 40814,
        RemoteAddress = [peer.ToString()],
        AddressFamily = family,
        Reason = "generated",
    };

    private async Task<RehearsalAnswer[]> AskAsync()
    {
        try
        {
            await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
                host.RunAsync, RulesetHost.Peers, SocketUser.OfThisProcess, CancellationToken.None);
            var answers = new List<RehearsalAnswer>();
            foreach (Question one in Questions)
            {
                answers.Add(one.Flow == RuleFlow.In
                    ? await rehearsal.AskInAsync(one.Peer, one.Port, CancellationToken.None)
                    : await rehearsal.AskOutAsync(one.Peer, one.Port, CancellationToken.None));
            }

            return [.. answers];
        }
        catch (RehearsalException e)
        {
            return [.. Questions.Select(_ => RehearsalAnswer.Unknown(e.Message))];
        }
    }

    private static bool Differs(RehearsalAnswer answer, bool really) => answer.Verdict switch
    {
        RehearsalVerdict.Unknown => false,
        RehearsalVerdict.Open => !really,
        _ => really,
    };
}
