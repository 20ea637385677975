using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Trials;

namespace ScanEngineAdmin.Core.Applier;

/// <summary>
/// The privileged firewall applier of one node's host, in a process of its own: takes {pairing, change, open | close}
/// out of the node's store, works out from the same store which rules that means, and answers in the same row. It
/// touches no more than its admin allows, whatever the store says.
/// </summary>
internal sealed class FirewallApplierService : IAsyncDisposable
{
    private const int MostAtOnce = 256;
    private const int MostRests = 4096;

    // The store's file may be replaced under it (a restored backup): it is opened again now and then.
    private static readonly TimeSpan StoreLife = TimeSpan.FromMinutes(1);

    // Everybody on the host may ring, without end, and each look asks the store.
    private static readonly TimeSpan RungSpacing = TimeSpan.FromMilliseconds(200);

    private readonly string _folder;
    private readonly NodeRole _role;
    private readonly IStoreProvider _stores;
    private readonly FirewallApplierOptions _options;
    private readonly BoundedLog _log;
    private readonly FirewallRequestRunner _work;
    private readonly FolderLock _lock;
    private readonly TimeProvider _time;
    private readonly AsyncSignal _rung;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<Guid, DateTimeOffset> _notBefore = [];
    private readonly Doorbell? _bell;
    private readonly Task _run;
    private INodeStore? _store;
    private DateTimeOffset _opened;
    private string? _fault;
    private DateTimeOffset _faulted;
    private int _disposed;

    private FirewallApplierService(
        string folder, NodeRole role, IStoreProvider stores, FirewallApplierOptions options, NodeLog log,
        FolderLock taken,
        INodeStore store)
    {
        (_folder, _role, _stores, _options, _lock, _store) = (folder, role, stores, options, taken, store);

        // What the node writes into its store, and how often it rings, is the network's as well.
        _log = new BoundedLog(log, options.Tools.Time);
        _work = new FirewallRequestRunner(role, options);
        _rung = new AsyncSignal(options.StoreCheck / 2, RungSpacing);
        _time = options.Tools.Time;
        _opened = _time.GetUtcNow();
        _bell = Doorbell.TryStartApplier(folder, _rung.Set);
        Log(
            LogLevel.Information,
            Events.ApplierStarted,
            $"The firewall applier of the {FirewallLimits.Word(role)} on {folder} has started; "
                + $"it may open TCP {string.Join(", ", options.AllowedPorts)}.");
        _run = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Ends when it was disposed; faulted if it could not go on.</summary>
    public Task Completion => _run;

    /// <exception cref="ScanEngineException">
    /// ApplierAlreadyRunning, FirewallAccessDenied, PortInvalid, DataFolderInvalid, the store's, ConsoleNotRunning or
    /// EngineNotRunning: none has run on that folder yet.
    /// </exception>
    public static Task<FirewallApplierService> StartAsync(
        DataFolder folder, NodeRole role, IStoreProvider stores, FirewallApplierOptions options, NodeLog log,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (int port in options.Ports)
        {
            DialAddress.ValidatePort(port);
        }

        string path = role == NodeRole.Console ? folder.Console : folder.Engine;
        options = options with { NodeFolder = path };
        StateFiles.EnsureFolder(options.Tools.Folder);
        FolderLock taken = Take(path, role);
        try
        {
            return Task.FromResult(
                new FirewallApplierService(path, role, stores, options, log, taken, Attach(stores, path, role)));
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Whether one runs, in whatever process.</summary>
    public static bool IsRunning(DataFolder folder, NodeRole role)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return FolderLock.IsHeld(
            role == NodeRole.Console ? folder.Console : folder.Engine, FirewallApplierClient.LockName);
    }

    /// <summary>Ends the applier. An unfinished request is begun again by the next one.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_bell is not null)
        {
            await _bell.DisposeAsync().ConfigureAwait(false);
        }

        _store?.Dispose();
        _lock.Dispose();
        _stop.Dispose();
        Log(LogLevel.Information, Events.ApplierStopped, "The firewall applier has stopped.");
    }

    private static FolderLock Take(string path, NodeRole role)
    {
        if (new FileInfo(Path.Combine(path, FirewallApplierClient.LockName)).LinkTarget is { } elsewhere)
        {
            throw new ScanEngineException(
                FaultCode.DataFolderInvalid,
                $"The applier's lock in {path} is a link to {elsewhere}: "
                    + "the folder's owner may not name what root opens.",
                "Find out who made it, remove it, and start the node again.",
                path);
        }

        string start = role == NodeRole.Console ? "Start-SecurityConsole" : "Start-EngineListener";
        try
        {
            return FolderLock.TryTakeProvided(path, FirewallApplierClient.LockName) ?? throw new ScanEngineException(
                FaultCode.ApplierAlreadyRunning,
                $"A firewall applier serves {path} already.",
                "Use that one, or stop it first (systemctl stop, or whatever started it).",
                path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ScanEngineException(
                role == NodeRole.Console ? FaultCode.ConsoleNotRunning : FaultCode.EngineNotRunning,
                $"No {FirewallLimits.Word(role)} has run on {path} yet: there is nothing to serve.",
                $"Start it there once ({start} -DataPath <folder>), then start the applier again.",
                path,
                e);
        }
    }

    private static INodeStore Attach(IStoreProvider stores, string path, NodeRole role) =>
        role == NodeRole.Console ? stores.AttachConsole(path) : stores.AttachEngine(path);

    [SuppressMessage(
        "Design", "CA1031:Do not catch general exception types",
        Justification = "What a store that may be hostile makes it throw must not end the host's applier.")]
    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await LookAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFault(exception.Message);
                _store?.Dispose();
                _store = null;
            }

            try
            {
                await _rung.WaitAsync(_options.StoreCheck, _time, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task LookAsync()
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (_store is not null && now - _opened > StoreLife)
        {
            _store.Dispose();
            _store = null;
        }

        if (_store is null)
        {
            _store = Attach(_stores, _folder, _role);
            _opened = now;
        }

        // Looked at again after each: a change waits for its open, and nobody for a close.
        var answered = new HashSet<(Guid, int)>();
        while (answered.Count < MostAtOnce && Next(_store, answered) is { } request)
        {
            answered.Add((request.ChangeId, request.Number));
            await AnswerAsync(_store, request).ConfigureAwait(false);
        }
    }

    private FirewallRequest? Next(INodeStore store, HashSet<(Guid, int)> answered)
    {
        DateTimeOffset now = _time.GetUtcNow();
        FirewallRequest[] due = [.. store.ListAskedFirewall(MostAtOnce).Where(request =>
            !answered.Contains((request.ChangeId, request.Number))
            && (request.State == FirewallRequestState.Asked
                || !_notBefore.TryGetValue(request.ChangeId, out DateTimeOffset rests) || rests <= now))];
        return due.FirstOrDefault(static request => request.Action == FirewallAction.Open) ?? due.FirstOrDefault();
    }

    private async Task AnswerAsync(INodeStore store, FirewallRequest request)
    {
        FirewallRequest answer;
        using var time = new CancellationTokenSource(_options.Longest, _time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, time.Token);
        try
        {
            answer = await _work.DoAsync(store, request, bound.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            answer = Failed(
                request, FaultCode.TimedOut,
                $"This host's firewall tools did not do it within {_options.Longest.TotalSeconds:0} s.",
                "See on that host what they wait for (firewall-cmd --state, ufw status, nft list ruleset).");
        }
        catch (ScanEngineException exception)
        {
            answer = Failed(request, exception.Code, exception.Message, exception.Recommendation);
        }

        if (request.Action == FirewallAction.Look)
        {
            // Nothing was done: nothing is to be tried again, and nothing to be noted.
            store.AnswerFirewall(answer with { State = FirewallRequestState.Done, Answered = _time.GetUtcNow() });
            return;
        }

        answer = answer with { Answered = _time.GetUtcNow() };
        _notBefore.Remove(request.ChangeId);
        if (_notBefore.Count >= MostRests)
        {
            _notBefore.Clear();
        }

        if (!answer.IsDone)
        {
            _notBefore[request.ChangeId] = answer.Answered.Value + _options.Retry;
        }

        bool news = request.State == FirewallRequestState.Asked
            || (request.State, request.Detail) != (answer.State, answer.Detail);
        (AuditEvent note, LogLevel level) = Note(store, answer);
        if (store.AnswerFirewall(answer, news ? note : null) && news)
        {
            Log(
                level, note.Event, note.Detail,
                ("pairing", answer.PairingId.ToString("D")), ("change", answer.ChangeId.ToString("D")));
        }
    }

    private static FirewallRequest Failed(
        FirewallRequest request, FaultCode fault, string detail, string recommendation) => request with
        {
            State = FirewallRequestState.Failed,
            Fault = fault,
            Detail = detail,
            Recommendation = recommendation,
            RollbackAt = null,

            // What is said of them goes into root's log: no more than this product's own words.
            Rules = [.. request.Rules.Where(static rule => FirewallRuleId.IsValid(rule.RuleId)).Take(MostAtOnce)],
        };

    private (AuditEvent Note, LogLevel Level) Note(INodeStore store, FirewallRequest answer)
    {
        string what = (answer.Action, answer.IsDone) switch
        {
            (FirewallAction.Open, true) => Events.FirewallOpened,
            (FirewallAction.Close, true) => Events.FirewallClosed,
            _ => Events.FirewallNotApplied,
        };
        string rules = string.Join(
            ", ", answer.Rules.Select(static rule => $"{rule.Change} {rule.RuleId} {rule.Outcome}"));
        string until = answer.RollbackAt is { } at ? $" Undone at {at:u} unless more is asked." : string.Empty;
        string detail = $"Change {answer.ChangeId:D}, {answer.Action} {answer.State}: {answer.Detail} [{rules}]{until}";
        var note = new AuditEvent
        {
            Time = answer.Answered ?? _time.GetUtcNow(),
            Event = what,
            PairingId = answer.PairingId,
            Subject = Name(store, answer.PairingId) ?? Environment.MachineName,
            Actor = $"firewall applier, process {Environment.ProcessId}",
            Detail = detail,
        };
        return (note, answer.IsDone ? LogLevel.Information : LogLevel.Warning);
    }

    // The same again at every ring, and everybody may ring, would fill root's log.
    private void LogFault(string text)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (text != _fault || now - _faulted >= StoreLife)
        {
            (_fault, _faulted) = (text, now);
            Log(LogLevel.Error, Events.ApplierFault, text);
        }
    }

    private static string? Name(INodeStore store, Guid pairingId) => store switch
    {
        IConsoleStore console => console.GetEngine(pairingId)?.Name,
        IEngineStore engine => engine.GetConsole(pairingId)?.Name,
        _ => null,
    };

    private void Log(LogLevel level, string name, string message, params (string Key, string Value)[] fields) =>
        _log.Write(new LogEntry(
            _time.GetUtcNow(), level, name, message, fields.ToDictionary(f => f.Key, f => f.Value)));
}
