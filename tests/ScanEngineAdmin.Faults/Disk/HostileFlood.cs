using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Faults.Attack;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Faults.Disk;

/// <summary>A paired engine that answers its scan with a kilobyte from every port, as fast as it is taken.</summary>
internal sealed class HostileFlood : IAsyncDisposable
{
    private const int PerBatch = 1_000;
    private static readonly string Banner = new('b', ScanLimits.MaxBannerBytes);

    private readonly PeerChannel _channel;
    private readonly ScanRequest _request;

    private HostileFlood(PeerChannel channel, Guid scanId, ScanRequest request)
    {
        _channel = channel;
        ScanId = scanId;
        _request = request;
    }

    public Guid ScanId { get; }

    public bool IsClosed => _channel.Completion.IsCompleted;

    /// <summary>With a first batch, that is taken.</summary>
    public static async Task<HostileFlood> BeginAsync(DiskPair pair, Guid pairingId, Attacker attacker)
    {
        PeerChannel channel = await attacker.DialAsync(pair.Console.EndPoint, pair.Console.Fingerprint);
        ScanRequest request = pair.Request(64 * 20_000);
        Guid scan = pair.AtConsole(admin => admin.Scans.Add(pairingId, request)).ScanId;
        if (!await pair.UntilScanAsync(scan, now => now.State == ScanState.Dispatched))
        {
            throw new InvalidOperationException("The hostile engine's scan was not dispatched.");
        }

        var flood = new HostileFlood(channel, scan, request);
        await flood.SendAsync(1, 1, 100, DiskPair.Patience);
        return flood;
    }

    /// <summary>Until the console takes no more of it.</summary>
    public async Task UntilHeldAsync(DiskPair pair)
    {
        // Without an acknowledgement in its time a batch may also be slow, on a busy machine: the scan's cause says it.
        for (int batch = 2, slow = 0; slow < 20;)
        {
            if (await SendAsync(batch, batch + 7, PerBatch, TimeSpan.FromSeconds(3)))
            {
                batch += 8;
            }
            else if (pair.Scan(ScanId).Cause is ScanCause.ConsoleFull or ScanCause.QuotaReached)
            {
                return;
            }
            else
            {
                slow++;
            }
        }

        throw new InvalidOperationException("The hostile engine was neither served nor held.");
    }

    public async ValueTask DisposeAsync() => await _channel.DisposeAsync();

    /// <summary>False when they were not acknowledged in that time.</summary>
    private async Task<bool> SendAsync(int first, int last, int findings, TimeSpan bound)
    {
        var plan = ScanPlan.Create(_request);
        ChannelStream stream = await _channel.OpenStreamAsync(Methods.ScanDataStream, default, CancellationToken.None);
        await using (stream)
        {
            var reader = new ScanDataReader(stream);
            using var over = new CancellationTokenSource(bound);
            try
            {
                for (int number = first; number <= last; number++)
                {
                    long from = (long)number * PerBatch;
                    await ScanDataWriter.WriteBatchAsync(
                        stream, ScanId, 1, Batch(plan, number, from, findings), over.Token);
                    BatchAcknowledgement? answer = await reader.ReadAcknowledgementAsync(over.Token);
                    if (answer?.Outcome is not (BatchOutcome.Stored or BatchOutcome.Duplicate))
                    {
                        return false;
                    }
                }

                return true;
            }
            catch (Exception exception) when (exception is OperationCanceledException or ChannelException)
            {
                return false;
            }
        }
    }

    private static ScanBatch Batch(ScanPlan plan, int number, long from, int findings) => new()
    {
        Number = number,
        Cursor = from,
        TargetsTotal = 1,
        TargetsDone = 0,
        Findings = [.. Enumerable.Range(0, findings).Select(i => new Finding(
            from + i,
            plan.Targets[(from + i) / plan.Ports.Count],
            plan.Ports[(int)((from + i) % plan.Ports.Count)],
            PortState.Open,
            TimeSpan.FromMilliseconds(1),
            Banner))],
    };
}
