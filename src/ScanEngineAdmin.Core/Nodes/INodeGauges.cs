using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>What a running node is asked for when somebody measures.</summary>
internal interface INodeGauges
{
    /// <summary>The data folder.</summary>
    string FolderPath { get; }

    /// <summary>How many scans that are not finished are in which state.</summary>
    IEnumerable<(ScanState State, int Count)> UnfinishedScans { get; }
}
