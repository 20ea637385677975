using System.Management.Automation;
using ScanEngineAdmin.Pipeline;
using ScanEngineAdmin.TestPairs;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Breaks what is between the console and the engine of a test pair, and mends it.</para>
/// <para type="description">The fault is in force when it returns. How soon a node has noticed is the node's affair: wait
/// for what a test is about (Wait-ScanEngine -Status NotResponding).</para>
/// <para type="parameter DataPath">The folder of the pair, as its object brings it.</para>
/// </summary>
/// <example>
/// <code>$pair | Set-ScanEngineTestPair -Fault EngineKilled; Wait-ScanEngine $pair.EngineName -Status NotResponding -DataPath $pair.ConsoleDataPath</code>
/// <para>The engine is gone without a goodbye, and its console has noticed.</para>
/// </example>
/// <example>
/// <code>$pair | Set-ScanEngineTestPair -Fault None -Delay 200ms</code>
/// <para>All is well again, over a slow line.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "ScanEngineTestPair", SupportsShouldProcess = true)]
[OutputType(typeof(ScanEngineTestPair))]
public sealed class SetScanEngineTestPairCommand : ScanEngineCommand
{
    /// <summary>
    /// <para>None mends what was broken. Drop resets connections and refuses new ones. Silence lets no byte through any
    /// more. WrongPeer has another console and another engine answer. EngineKilled and ConsoleKilled end that node
    /// without a goodbye to the other; None starts it again with its data.</para>
    /// </summary>
    [Parameter(Position = 0)]
    public TestPairFault Fault { get; set; }

    /// <summary>
    /// <para>How long everything that passes takes longer: '200ms', a TimeSpan; no longer without it.</para>
    /// </summary>
    [Parameter]
    [Duration("0s", "1m")]
    public TimeSpan Delay { get; set; }

    /// <summary>
    /// <para>Returns the pair.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessItem()
    {
        TestPair pair = TestPair.Find(Folder.Root);
        if (ShouldProcess(pair.Root, $"Set fault {Fault}"))
        {
            Await(async (_, token) =>
            {
                await pair.SetAsync(Fault, Delay, token).ConfigureAwait(false);
                return true;
            });
            if (PassThru)
            {
                WriteObject(new ScanEngineTestPair(pair));
            }
        }
    }
}
