using System.Management.Automation;
using ScanEngineAdmin.TestPairs;

namespace ScanEngineAdmin.Hosting;

/// <summary>
/// What lives as long as the module in this process. Several runspaces may import it: the nodes stop when the last one
/// removes it. (PowerShell calls OnRemove for Remove-Module only; a process that exits takes its nodes along.)
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly ModuleLifetime Shared = new();
    private int _imports;

    internal static HostedNodes Nodes => Shared._nodes;

    private readonly HostedNodes _nodes = new();

    public void OnImport() => Interlocked.Increment(ref Shared._imports);

    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        if (Interlocked.Decrement(ref Shared._imports) == 0)
        {
            // Each stop is bounded by itself. A node that did not stop cleanly is gone all the same.
            Task.WhenAny(TestPair.RemoveAllAsync()).Wait();
            Task.WhenAny(Nodes.StopAllAsync()).Wait();
        }
    }
}
