using System.Management.Automation;
using ScanEngineAdmin.Pipeline;
using ScanEngineAdmin.TestPairs;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Ends the console and the engine of a test pair and removes their data folders.</para>
/// <para type="parameter DataPath">The folder of the pair, as its object brings it.</para>
/// </summary>
/// <example>
/// <code>$pair | Remove-ScanEngineTestPair</code>
/// <para>In the AfterAll block of a test.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "ScanEngineTestPair", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveScanEngineTestPairCommand : ScanEngineCommand
{
    private protected override void ProcessItem()
    {
        TestPair pair = TestPair.Find(Folder.Root);
        if (ShouldProcess(pair.Root, "Remove test pair"))
        {
            Await(async (_, _) =>
            {
                await pair.DisposeAsync().ConfigureAwait(false);
                return true;
            });
        }
    }
}
