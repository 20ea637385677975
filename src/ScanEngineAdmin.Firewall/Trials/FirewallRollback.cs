using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Trials;

/// <summary>
/// Applications that wait to be confirmed. Two files each: what is to be known of it, and the steps that undo it. The
/// second is renamed by whoever acts on it, so that exactly one does; when it is gone and the first is there, the
/// application was undone.
/// </summary>
internal sealed class FirewallRollback(HostTools host)
{
    /// <summary>How the ids begin of what a node's change asked for.</summary>
    public const string OfChange = "change-";

    private static readonly TimeSpan Late = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Starts the process, or on Windows makes the task, that will undo it: before anything is written, so no kill comes
    /// between. What waits under the same id already, of another tool of this host, is undone with it, after it.
    /// </summary>
    public async Task ArmAsync(
        FirewallPending pending, IEnumerable<ToolCall> undo, TimeSpan after, CancellationToken cancellationToken)
    {
        if (!host.Windows && Waiting(pending.Id) is { } waiting && Read(Facts(pending.Id)) is { } before)
        {
            FirewallPending both = before with
            {
                RuleIds = [.. before.RuleIds.Union(pending.RuleIds, StringComparer.Ordinal)],
                Keep = [.. before.Keep, .. pending.Keep],
            };
            StateFiles.Write(Facts(pending.Id), Json(both).ToString(Formatting.Indented));
            StateFiles.Write(waiting.Path, UndoScript.Steps(undo) + string.Concat(waiting.Steps));
            TakeIfRunning(pending.Id, waiting.Path);
            return;
        }

        StateFiles.Write(Facts(pending.Id), Json(pending).ToString(Formatting.Indented));
        StateFiles.Write(Steps(pending.Id), host.Windows ? ScheduledUndo.Steps(undo) : UndoScript.Steps(undo));
        string seconds = Math.Ceiling(after.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        string lockFile = Path.Combine(host.Folder, "lock");
        ToolCall call = host.Windows
            ? ScheduledUndo.Register(pending.Id, pending.RollbackAt, Steps(pending.Id), lockFile)
            : new ToolCall("setsid", ["--fork", .. Shell(seconds, pending.Id, lockFile)]);
        ToolResult started = await host.Run(call, cancellationToken).ConfigureAwait(false);
        if (!started.Succeeded)
        {
            Forget(pending.Id);
            throw FirewallFaults.Tool(
                pending.Provider,
                call with { Arguments = host.Windows ? ["Register-ScheduledTask"] : ["--fork", "/bin/sh"] },
                started);
        }
    }

    public void Forget(string id)
    {
        File.Delete(Steps(id));
        File.Delete(Confirmed(id));
        File.Delete(Facts(id));
    }

    /// <summary>What waits now. With the lock held.</summary>
    public IReadOnlyList<FirewallPending> Pending() =>
        [.. All().Where(p => File.Exists(Steps(p.Id))).OrderBy(static p => p.RollbackAt)];

    /// <summary>Whether nothing waits and nothing is being undone any more.</summary>
    public bool IsOver(string id) => !File.Exists(Steps(id)) && !File.Exists(Running(id));

    /// <summary>What would be undone by one of these steps, its time come or not. With the lock held.</summary>
    public IReadOnlyList<FirewallPending> Undoing(IEnumerable<ToolCall> steps)
    {
        HashSet<string> them = steps.Select(static s => UndoScript.Steps([s])).ToHashSet(StringComparer.Ordinal);
        return [.. All().Where(p => Waiting(p.Id)?.Steps.Any(them.Contains) is true)];
    }

    /// <summary>
    /// Takes steps out of what undoes them: what they would undo is another's from now on. With the lock held.
    /// </summary>
    public void Release(
        IReadOnlyList<FirewallPending> from, IEnumerable<ToolCall> steps, IEnumerable<ToolCall> keep)
    {
        HashSet<string> gone = steps.Select(static s => UndoScript.Steps([s])).ToHashSet(StringComparer.Ordinal);
        HashSet<string> kept = keep.Select(static k => k.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (FirewallPending pending in from)
        {
            if (Waiting(pending.Id) is not { } waiting)
            {
                continue;
            }

            FirewallPending left = pending with { Keep = [.. pending.Keep.Where(k => !kept.Contains(k.ToString()))] };
            StateFiles.Write(Facts(pending.Id), Json(left).ToString(Formatting.Indented));
            StateFiles.Write(waiting.Path, string.Concat(waiting.Steps.Where(s => !gone.Contains(s))));
            TakeIfRunning(pending.Id, waiting.Path);
        }
    }

    /// <summary>Makes it stay. With the lock held.</summary>
    /// <exception cref="ScanEngineException">ApplicationNotFound, ApplicationUndone, or what a tool says.</exception>
    public async Task<FirewallPending> ConfirmAsync(string id, CancellationToken cancellationToken)
    {
        FirewallPending pending = All().FirstOrDefault(p => p.Id == id) ?? throw FirewallFaults.UnknownApplication(id);
        string confirmed = Confirmed(id);
        try
        {
            OwnFile.Move(Steps(id), confirmed, overwrite: false);
        }
        catch (FileNotFoundException)
        {
            if (!File.Exists(confirmed))
            {
                throw FirewallFaults.Undone(id);
            }
        }

        // One by one: of several rules in one call firewalld tells no failure if one of them was taken. On Windows a rule
        // needs nothing to stay, and nothing in a file is run.
        foreach (ToolCall call in host.Windows ? [] : pending.Keep)
        {
            ToolResult result = await host.Run(call, cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded)
            {
                throw FirewallFaults.Tool(pending.Provider, call, result);
            }
        }

        File.Delete(Facts(id));
        File.Delete(confirmed);
        if (host.Windows)
        {
            // A task that stays finds nothing to undo at its time, and takes itself away.
            await host.Run(ScheduledUndo.Remove(id), cancellationToken).ConfigureAwait(false);
        }

        return pending;
    }

    /// <summary>
    /// Does what should have been undone, and what a process waits to undo that has its time but not the lock: after
    /// it nothing comes that would take away what is written now. With the lock held. Returns what it undid.
    /// </summary>
    public async Task<IReadOnlyList<FirewallPending>> RecoverAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = host.Time.GetUtcNow();
        var undone = new List<FirewallPending>();
        foreach (FirewallPending pending in All())
        {
            if (TakeBack(pending.Id) || (File.Exists(Steps(pending.Id)) && pending.RollbackAt + Late <= now))
            {
                await RunStepsAsync(pending.Id, cancellationToken).ConfigureAwait(false);
                if (IsOver(pending.Id))
                {
                    undone.Add(pending);
                }
            }
            else if (IsOver(pending.Id) && pending.RollbackAt + Remembered(pending.Id) <= now)
            {
                Forget(pending.Id);
            }
        }

        return undone;
    }

    /// <summary>Undoes it now, if it waits. With the lock held.</summary>
    /// <exception cref="ScanEngineException">FirewallBusy: it was not done to its end, and still waits.</exception>
    public async Task UndoAsync(string id, CancellationToken cancellationToken)
    {
        if (TakeBack(id) || File.Exists(Steps(id)))
        {
            await RunStepsAsync(id, cancellationToken).ConfigureAwait(false);
        }

        if (File.Exists(Running(id)))
        {
            throw FirewallFaults.NotUndone(id);
        }

        Forget(id);
    }

    // Who confirms an application too late gets an error that says so; nobody confirms those of a change by hand.
    private static TimeSpan Remembered(string id) =>
        id.StartsWith(OfChange, StringComparison.Ordinal) ? TimeSpan.FromMinutes(2) : TimeSpan.FromDays(7);

    // Whoever took the steps does them with the lock. Who has it finds one that waits for it or was killed; doing steps
    // again is harmless.
    private bool TakeBack(string id)
    {
        try
        {
            File.Move(Running(id), Steps(id), overwrite: true);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static void MoveIfThere(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: true);
        }
        catch (FileNotFoundException)
        {
            // Its time came after the new ones were written: they were taken.
        }
    }

    private (string Path, string[] Steps)? Waiting(string id)
    {
        foreach (string path in (string[])[Steps(id), Running(id)])
        {
            try
            {
                return (path, [.. OwnFile.ReadText(path).Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
                    .Select(static step => step + "\n\n")]);
            }
            catch (FileNotFoundException)
            {
                // Not there, or taken just now by whoever undoes it: then it is under the other name.
            }
        }

        return null;
    }

    // The time came between reading and writing: who took the old steps waits for the lock, and reads these after it.
    private void TakeIfRunning(string id, string written)
    {
        if (written == Steps(id) && File.Exists(Running(id)))
        {
            MoveIfThere(written, Running(id));
        }
    }

    private Task<ToolResult> RunStepsAsync(string id, CancellationToken cancellationToken) => host.Run(
        host.Windows
            ? ScheduledUndo.UndoNow(id, Steps(id))
            : new ToolCall("sh", [.. Shell("0", id, "-").Skip(1)]),
        cancellationToken);

    private string[] Shell(string seconds, string id, string lockFile) =>
        ["/bin/sh", "-c", UndoScript.Text, "scanengine-undo", seconds, Steps(id), lockFile];

    private string Facts(string id) => Path.Combine(host.Folder, id + ".json");

    private string Steps(string id) => Path.Combine(host.Folder, id + ".undo");

    private string Running(string id) => Steps(id) + ".running";

    private string Confirmed(string id) => Steps(id) + ".confirmed";

    private IEnumerable<FirewallPending> All() => !Directory.Exists(host.Folder)
        ? []
        : Directory.EnumerateFiles(host.Folder, "*.json").Select(Read).OfType<FirewallPending>();

    private static JObject Json(FirewallPending pending) => new()
    {
        ["id"] = pending.Id,
        ["provider"] = pending.Provider.ToString(),
        ["rollbackAt"] = pending.RollbackAt.ToString("O", CultureInfo.InvariantCulture),
        ["ruleIds"] = new JArray(pending.RuleIds),
        ["keep"] = new JArray(pending.Keep.Select(static c => new JArray(c.Arguments.Prepend(c.Tool)))),
    };

    // A file that cannot be read is left where it is: its steps are still run by the process that waits.
    private static FirewallPending? Read(string path)
    {
        try
        {
            return ForeignJson.Read(OwnFile.ReadText(path), static facts => new FirewallPending
            {
                Id = facts.Value<string>("id")!,
                Provider = Enum.Parse<FirewallProvider>(facts.Value<string>("provider")!),
                RollbackAt = DateTimeOffset.Parse(facts.Value<string>("rollbackAt")!, CultureInfo.InvariantCulture),
                RuleIds = [.. facts["ruleIds"]!.Values<string>().OfType<string>()],
                Keep = [.. facts["keep"]!.Select(static c => c.Values<string>().OfType<string>().ToArray())
                    .Where(static c => c.Length > 0).Select(static c => new ToolCall(c[0], c[1..]))],
            }, e => new IOException($"{path} cannot be read.", e));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
