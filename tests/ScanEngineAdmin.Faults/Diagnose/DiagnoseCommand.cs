using System.Diagnostics;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults.Diagnose;

/// <summary>Makes every fault of the table for real, in both directions, and compares the verdict.</summary>
internal sealed class DiagnoseCommand : IFaultCommand
{
    public string Name => "diagnose";

    public string Purpose => "each fault of the diagnosis table for real, the verdict compared [parts of cases' names]";

    public Task<int> RunAsync(IReadOnlyList<string> args) =>
        Inside.RunAsync([Name, .. args], ["nft"], () => TableAsync(args));

    private static async Task<int> TableAsync(IReadOnlyList<string> args)
    {
        long start = Stopwatch.GetTimestamp();
        Router.Open();
        string absent = Router.EmptyNetwork();
        await using var impostors = new Impostors();
        int cases = 0;
        int right = 0;
        foreach (CommunicationDirection direction in Enum.GetValues<CommunicationDirection>())
        {
            await using TwoHosts lab = await TwoHosts.StartAsync(direction);
            foreach (DiagnoseCase one in DiagnoseCases.All(absent, impostors)
                .Where(one => args.Count == 0
                    || args.Any(part => one.Name.Contains(part, StringComparison.Ordinal))))
            {
                cases++;
                right += await TryAsync(lab, one) ? 1 : 0;
            }
        }

        bool pass = cases > 0 && right == cases;
        Console.WriteLine($"took {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
        Console.WriteLine($"DIAGNOSE cases={cases} right={right} wrong={cases - right} {(pass ? "PASS" : "FAIL")}");
        return pass ? Program.Passed : Program.Failed;
    }

    private static async Task<bool> TryAsync(TwoHosts lab, DiagnoseCase one)
    {
        CommunicationDirection tested = one.Tested(lab);
        LabHost dialler = one.OtherDirection ? lab.Listener : lab.Dialler;
        LabHost listener = one.OtherDirection ? lab.Dialler : lab.Listener;
        LabHost asker = one.FromListener ? listener : dialler;
        string got;
        string evidence;
        bool right;
        try
        {
            one.Break(lab);
            AgentAnswer answer = await asker.AskAsync(one.Ask(new AgentAsk
            {
                What = AgentAsk.Test,
                Direction = tested,
                EngineName = TwoHosts.EngineName,
                TimeoutMs = (int)one.Timeout.TotalMilliseconds,
            }));
            FirewallTestResult result = answer.Result!;
            got = result.Verdict.ToString();
            evidence = result.VerdictDetail;
            right = result.Verdict == one.Expected
                && evidence.Contains(one.Evidence, StringComparison.Ordinal)
                && result.Succeeded == (one.Expected == FirewallVerdict.Ok);
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            (got, evidence, right) = ("error", e.Message, false);
        }
        finally
        {
            lab.Heal();
            one.Undo?.Invoke(lab);
        }

        Console.WriteLine(
            $"{(right ? "right" : "WRONG")} | {one.Name} | {tested}, tested from the {asker.Role} host"
            + $"{(one.FromListener ? " (dialled)" : string.Empty)} | expected {one.Expected} | got {got} | {evidence}");
        return right;
    }
}
