using System.Collections.Concurrent;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// The answering side, in the running node: takes the questions out of its store, asks the other end over whatever
/// channel is open, writes the answers. Bounded in number and in time.
/// </summary>
internal sealed class ReachabilityWorker(
    NodeRole role, INodeStore store, ReachabilityHandler handler,
    Func<Guid, CommunicationDirection, PeerChannel?> channels,
    TimeProvider time, Action<string> warn) : IAsyncDisposable
{
    private const int MostAtOnce = 32;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestProbe = TimeSpan.FromMinutes(10);

    private readonly ReachabilityMailbox _mailbox = new(store);
    private readonly ConcurrentDictionary<Guid, Task> _underWay = new();
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Takes on what is asked and not yet under way.</summary>
    public void Wake()
    {
        foreach (ReachabilityQuestion question in _mailbox.Open(time.GetUtcNow()))
        {
            if (_stop.IsCancellationRequested || _underWay.Count >= MostAtOnce)
            {
                return;
            }

            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_underWay.TryAdd(question.QuestionId, begun.Task))
            {
                _ = Task.Run(async () =>
                {
                    await AnswerAsync(question, _stop.Token).ConfigureAwait(false);
                    _underWay.TryRemove(question.QuestionId, out _);
                    begun.TrySetResult();
                });
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_underWay.Values).ConfigureAwait(false);
        _stop.Dispose();
        handler.Dispose();
    }

    private async Task AnswerAsync(ReachabilityQuestion question, CancellationToken cancellationToken)
    {
        try
        {
            ReachabilityAnswer answer = await FindAsync(question, cancellationToken).ConfigureAwait(false);
            _mailbox.Answer(question, answer with { AnsweredUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds() });
        }
        catch (ScanEngineException exception)
        {
            warn(exception.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The node stops; whoever asked waits no longer than its own time.
        }
    }

    private async Task<ReachabilityAnswer> FindAsync(
        ReachabilityQuestion question, CancellationToken cancellationToken)
    {
        if (channels(question.PairingId, question.Direction) is not { } channel)
        {
            return new ReachabilityAnswer
            {
                NotAsked = "No channel to the other end is open, so it could not be asked.",
                AnsweredUnixMs = 0,
            };
        }

        TimeSpan probe = TimeSpan.FromMilliseconds(
            Math.Clamp(question.TimeoutMs, 0, LongestProbe.TotalMilliseconds));
        using var bound = new CancellationTokenSource(probe + Margin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            if (question.Firewall is true)
            {
                return new ReachabilityAnswer
                {
                    Firewall = await channel.AskAsync<HostFirewallFacts>(
                        Methods.EngineFirewall, new HostFirewallAsk(), either.Token).ConfigureAwait(false),
                    AnsweredUnixMs = 0,
                };
            }

            return question.Probe
                ? await ProbeAsync(question, channel, either.Token).ConfigureAwait(false)
                : new ReachabilityAnswer
                {
                    Other = await channel.AskAsync<ReachabilityReport>(
                        role == NodeRole.Console ? Methods.EngineReachability : Methods.ConsoleReachability,
                        Ask(question, look: true),
                        either.Token).ConfigureAwait(false),
                    AnsweredUnixMs = 0,
                };
        }
        catch (ChannelException exception)
        {
            return NotAsked(exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return NotAsked("it did not answer in time");
        }
    }

    private async Task<ReachabilityAnswer> ProbeAsync(
        ReachabilityQuestion question, PeerChannel channel, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        DiallerView seen = await channel.AskAsync<DiallerView>(
            Methods.ProbeYou,
            new ProbeYouAsk
            {
                Direction = question.Direction,
                Port = question.ProbePort,
                TimeoutMs = question.TimeoutMs,
            },
            cancellationToken).ConfigureAwait(false);
        ReachabilityAsk asked = Ask(question, look: false);
        asked = asked with
        {
            WithinSeconds = asked.WithinSeconds + (int)Math.Ceiling(time.GetElapsedTime(start).TotalSeconds),
        };
        return new ReachabilityAnswer
        {
            Probe = seen,
            Own = await handler.ReportAsync(asked, channel, cancellationToken).ConfigureAwait(false),
            AnsweredUnixMs = 0,
        };
    }

    private static ReachabilityAsk Ask(ReachabilityQuestion question, bool look) => new()
    {
        Direction = question.Direction,
        Port = question.Port,
        WithinSeconds = question.WithinSeconds,
        Look = look,
        FillAnswer = 0,
    };

    private static ReachabilityAnswer NotAsked(string why) => new()
    {
        NotAsked = $"The other end could not be asked over the open channel: {why}",
        AnsweredUnixMs = 0,
    };
}
