using System.Management.Automation;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Removes pools; their engines and what was found stay.</para>
/// <para type="description">A pool that has scans which are not finished is not removed.</para>
/// </summary>
/// <example>
/// <code>Remove-ScanEnginePool dmz</code>
/// <para>Removes the pool dmz.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "ScanEnginePool", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveScanEnginePoolCommand : NamedPoolCommand
{
    private protected override void ProcessPool(EnginePool pool)
    {
        if (ShouldProcess(pool.Name, "Remove pool"))
        {
            Admin.Pools.Remove(pool);
        }
    }
}
