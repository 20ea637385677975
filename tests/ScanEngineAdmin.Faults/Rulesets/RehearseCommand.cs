using System.Net;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>
/// A rehearsal as the first thing that a process does, for the tests of what is left of it: says how many threads are
/// in the host's network, and with "hold" goes on asking until it is killed.
/// </summary>
internal sealed class RehearseCommand : IFaultCommand
{
    public string Name => "rehearse";

    public string Purpose => string.Empty;

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        IPAddress peer = IPAddress.Loopback;
        int rounds = 0;
        do
        {
            await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
                ToolRunner.RunAsync, [peer, .. AnyPeer.Samples], SocketUser.OfThisProcess, CancellationToken.None);
            RehearsalAnswer answer = await rehearsal.AskInAsync(peer, 40814, CancellationToken.None);
            Console.WriteLine($"REHEARSED {++rounds} {answer.Verdict}");
        }
        while (args.Contains("hold"));

        string home = Space("/proc/self");
        string[] threads = [
            .. Directory.GetDirectories("/proc/self/task").Select(Space).Where(static s => s.Length > 0)];
        Console.WriteLine($"THREADS all={threads.Length} elsewhere={threads.Count(t => t != home)}");
        return threads.All(t => t == home) ? Program.Passed : Program.Failed;
    }

    private static string Space(string of)
    {
        try
        {
            return new FileInfo(of + "/ns/net").LinkTarget ?? string.Empty;
        }
        catch (IOException)
        {
            // A thread that has ended meanwhile.
            return string.Empty;
        }
    }
}
