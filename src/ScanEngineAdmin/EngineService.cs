using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Services;

namespace ScanEngineAdmin;

/// <summary>A service of this host that runs a console, an engine, or the firewall applier of one of them.</summary>
public sealed class EngineService
{
    internal EngineService(ServiceStatus status, string dataPath)
    {
        Name = status.Name;
        Role = status.Role;
        Applier = status.IsApplier;
        State = status.State;
        StartsAtBoot = status.StartsAtBoot;
        User = status.User;
        ProcessId = status.ProcessId;
        Path = status.Path;
        CommandLine = status.CommandLine;
        DataPath = dataPath;
    }

    /// <summary>What the system's service manager calls it.</summary>
    public string Name { get; }

    public NodeRole Role { get; }

    /// <summary>Whether it is the firewall applier of that node.</summary>
    public bool Applier { get; }

    public EngineServiceState State { get; }

    public bool StartsAtBoot { get; }

    /// <summary>The account whose rights it has.</summary>
    public string User { get; }

    /// <summary>Its process, while it runs.</summary>
    public int? ProcessId { get; }

    /// <summary>The file of its unit; null on Windows.</summary>
    public string? Path { get; }

    /// <summary>The program and its arguments, as the service manager starts it.</summary>
    public string CommandLine { get; }

    public string DataPath { get; }

    public override string ToString() => $"{Name}: {State}";
}
