using System.Management.Automation;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Waits until scans are finished, and returns each when it is.</para>
/// <para type="description">A scan that is not finished in time is an error; it goes on.</para>
/// </summary>
/// <example>
/// <code>Get-EngineScan -State Running | Wait-EngineScan -Timeout 30m</code>
/// <para>Returns each when it is finished.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Wait, "EngineScan")]
[OutputType(typeof(EngineScan))]
public sealed class WaitEngineScanCommand : NamedScanCommand
{
    private readonly Gathered<Guid> _scans = new(id => id);

    /// <summary>
    /// <para>How long to wait: '30s', '5m', a number of seconds, a TimeSpan. One hour without it.</para>
    /// </summary>
    [Parameter]
    [Duration("0s", "7d")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// <para>Waits in the background and returns a job: Receive-Job takes what would be returned, Wait-Job waits,
    /// Stop-Job ends the waiting and nothing else.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    private protected override void ProcessScan(Guid scanId) =>
        _scans.Add(Admin.Store.GetScan(scanId)?.ScanId ?? throw NotFound.Scan(scanId));

    private protected override void Settle()
    {
        Guid[] scans = _scans.TakeAll();
        if (scans.Length > 0)
        {
            AwaitOrStartJob(
                AsJob, OpenedAdmin,
                (admin, writer, token) => ScanWait.AllAsync(admin, scans, Timeout, writer, token));
        }
    }
}
