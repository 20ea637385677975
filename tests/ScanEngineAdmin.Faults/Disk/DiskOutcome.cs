using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Faults.Disk;

/// <summary>What became of a case: what was lost, what hung or was refused to an admin, and what happened.</summary>
internal sealed class DiskOutcome
{
    public List<string> Lost { get; } = [];

    public List<string> Stuck { get; } = [];

    public List<string> Notes { get; } = [];

    public bool IsGood => Lost.Count == 0 && Stuck.Count == 0;

    /// <summary>What an admin does, which the disk must not keep from being done.</summary>
    public void Try(string name, Action command)
    {
        try
        {
            command();
        }
        catch (ScanEngineException exception)
        {
            Stuck.Add($"{name}: {exception.Code} {exception.Message}");
        }
    }

    public override string ToString() => string.Join("; ", [
        .. Lost.Select(what => $"LOST {what}"), .. Stuck.Select(what => $"STUCK {what}"), .. Notes]);
}
