namespace ScanEngineAdmin.Core.Backup;

/// <summary>How far an export or import is.</summary>
/// <param name="Step">What is being done.</param>
/// <param name="Share">How much of that step is done, from 0 to 1.</param>
internal sealed record TransferProgress(string Step, double Share);
