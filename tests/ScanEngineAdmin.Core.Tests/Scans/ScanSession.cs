using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Batches;
using ScanEngineAdmin.Scanning.Connect;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>Runs a scan and keeps its batches, as an engine does; holds every batch to the cursor's promise.</summary>
internal sealed class ScanSession
{
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly HashSet<long> _units = [];

    public List<ScanBatch> Batches { get; } = [];

    public ScanBatch Last => Batches[^1];

    public IEnumerable<Finding> Findings => Batches.SelectMany(b => b.Findings);

    public TargetPolicy Policy { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public SocketConnect Connect { get; init; } = (socket, args) => socket.ConnectAsync(args);

    public Func<string, CancellationToken, Task<IPAddress[]>> LookUp { get; init; } =
        (_, _) => throw new SocketException((int)SocketError.HostNotFound);

    /// <summary>Whether another run goes on from where this one is stopped.</summary>
    public bool GoesOn { get; init; }

    /// <summary>Whether no attempt may be made any more.</summary>
    public Func<bool> IsOver { get; init; } = static () => false;

    /// <summary>Whether addresses may be passed over.</summary>
    public bool Skips { get; init; }

    /// <summary>What keeping a batch does besides; nothing.</summary>
    public Func<ScanBatch, ValueTask> Keep { get; init; } = _ => ValueTask.CompletedTask;

    public Finding this[int port] => Assert.Single(Findings, f => f.Port == port);

    public async Task RunAsync(ScanRequest request, long cursor = 0, CancellationToken stop = default)
    {
        var scanner = new ConnectScanner(Policy, Time, Connect, LookUp);
        ScanPlan plan = ScanPlan.Create(request);
        long addressed = plan.Targets.AddressCount * plan.Ports.Count;
        ScanBatch last = await scanner.RunAsync(plan, cursor, Batches.Count, KeepAsync, () => GoesOn, IsOver, stop);
        Check(last);
        Assert.NotNull(last.Final);

        async ValueTask KeepAsync(ScanBatch batch)
        {
            Assert.Null(batch.Final);
            Check(batch);
            await Keep(batch);
        }

        void Check(ScanBatch batch)
        {
            Batches.Add(batch);
            Assert.Equal(Batches.Count, batch.Number);
            Assert.InRange(batch.Findings.Count, 0, ScanLimits.FindingsPerBatch);
            _units.UnionWith(batch.Findings.Select(f => f.Unit));

            // A name may have been skipped; an address may not, unless the test wants that.
            for (long unit = cursor; !Skips && unit < Math.Min(batch.Cursor, addressed); unit++)
            {
                Assert.True(_units.Contains(unit),
                    $"Cursor {batch.Cursor} covers unit {unit}, which was not delivered.");
            }

            // A batch that the wire cannot carry would be lost at the very end.
            Assert.Equal(batch.Findings.Count, ScanBatchCodec.Decode(ScanBatchCodec.Encode(batch)).Findings.Count);
        }
    }
}
