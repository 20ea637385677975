using System.Diagnostics;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Faults.Direction;
using ScanEngineAdmin.Faults.Lab;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.RulesetChanges;

/// <summary>Changes of direction with both firewall appliers, each rule set of a folder as one host's filter.</summary>
internal sealed class RulesetChangesCommand : IFaultCommand
{
    public string Name => "ruleset-changes";

    public string Purpose => "changes of direction with both appliers, over rule sets as a host's filter --folder DIR "
        + "--host console|engine [--sets N (500)] [--seed N (1): the first] [--seconds N (600)]";

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        if (NetworkNamespace.WhyNot("nft", "iptables-nft", "iptables-legacy", "nsenter", "timeout", "setsid", "flock")
            is { } why)
        {
            await Console.Error.WriteLineAsync($"CHANGES NOT RUN: {why}");
            return Program.CannotRun;
        }

        if (RulesetsCommand.Text(args, "--folder") is not { } folder
            || !Enum.TryParse(RulesetsCommand.Text(args, "--host"), ignoreCase: true, out NodeRole role)
            || RulesetsCommand.Number(args, "--sets", 500) is not { } sets
            || RulesetsCommand.Number(args, "--seed", 1) is not { } seed
            || RulesetsCommand.Number(args, "--seconds", 600) is not { } seconds)
        {
            await Console.Error.WriteLineAsync(
                "ruleset-changes --folder DIR --host console|engine [--sets N] [--seed N] [--seconds N]");
            return Program.Usage;
        }

        long start = Stopwatch.GetTimestamp();
        var tally = new ChangeTally();
        DirectoryInfo states = Directory.CreateTempSubdirectory("sea-changes-");
        try
        {
            await using DirectionLab lab = await DirectionLab.StartAsync(role == NodeRole.Engine
                ? CommunicationDirection.EngineToConsole : CommunicationDirection.ConsoleToEngine);
            await using ChildProcess console = await ApplierAsync(
                lab.ConsoleHost, NodeRole.Console, lab.Console.Folder.Root, states);
            await using ChildProcess engine = await ApplierAsync(
                lab.EngineHost, NodeRole.Engine, lab.Engine.Folder.Root, states);
            var change = new RulesetChange(
                lab, role, (role == NodeRole.Engine ? lab.EngineHost : lab.ConsoleHost).Space, State(states, role),
                Console.WriteLine);
            foreach (Ruleset ruleset in RulesetFolder.Read(folder).Skip(seed - 1).Take(sets))
            {
                if (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
                {
                    await change.RunAsync(ruleset, tally);
                }
            }
        }
        finally
        {
            states.Delete(recursive: true);
        }

        Console.WriteLine($"took {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s, the {role}'s host");
        Console.WriteLine(tally);
        return tally.Passed ? Program.Passed : Program.Failed;
    }

    private static async Task<ChildProcess> ApplierAsync(
        MatrixHost host, NodeRole role, string data, DirectoryInfo states)
    {
        var applier = ChildProcess.StartApart(host.Space.Name, "applier", role.ToString(), data, State(states, role));
        await applier.LineAsync("READY");
        return applier;
    }

    private static string State(DirectoryInfo states, NodeRole role) => Path.Combine(states.FullName, role.ToString());
}
