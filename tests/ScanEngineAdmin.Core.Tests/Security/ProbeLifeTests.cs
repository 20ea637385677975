using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using Queues = System.Threading.Channels.Channel;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>A probe of a paired peer that does not go: it stays for a minute and not longer, at either node.</summary>
[Trait("Speed", "Slow")]
public sealed class ProbeLifeTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_probe_that_stays_is_closed_after_a_minute(CommunicationDirection way)
    {
        var minutes = new Minutes();
        await using NodePair pair = await NodePair.ActiveAsync(
            way,
            console => console with { Channel = console.Channel with { Time = minutes } },
            engine => engine with { Channel = engine.Channel with { Time = minutes } });
        using var peer = new DialledPeer(pair, way);
        minutes.Clear();

        await using PeerChannel probe = await peer.OpenAsync(probe: true);
        Assert.True(await minutes.ArmedAsync());
        await probe.PingAsync(CancellationToken.None).WaitAsync(NodePair.Patience);
        minutes.Pass();

        await probe.Completion.WaitAsync(NodePair.Patience);
        Assert.Contains("probe's time is over", probe.Fault!.Refusal!.Text, StringComparison.Ordinal);
    }

    /// <summary>Time as it is, but a timer of a minute fires when the test says so.</summary>
    private sealed class Minutes : TimeProvider
    {
        private readonly global::System.Threading.Channels.Channel<Action> _armed = Queues.CreateUnbounded<Action>();
        private volatile bool _passing;

        public void Clear()
        {
            while (_armed.Reader.TryRead(out _))
            {
            }
        }

        public Task<bool> ArmedAsync() => _armed.Reader.WaitToReadAsync().AsTask().WaitAsync(NodePair.Patience);

        /// <summary>From now on no minute lasts.</summary>
        public void Pass()
        {
            _passing = true;
            Fire();
        }

        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != TimeSpan.FromMinutes(1))
            {
                return System.CreateTimer(callback, state, dueTime, period);
            }

            _armed.Writer.TryWrite(() => callback(state));
            if (_passing)
            {
                ThreadPool.QueueUserWorkItem(_ => Fire());
            }

            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        private void Fire()
        {
            while (_armed.Reader.TryRead(out Action? fire))
            {
                fire();
            }
        }
    }
}
