using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Services;

/// <summary>The services of this product that a host can have.</summary>
internal static class EngineServices
{
    /// <summary>Every one of them, installed or not.</summary>
    public static IReadOnlyList<(NodeRole Role, bool IsApplier)> All { get; } =
    [
        (NodeRole.Console, false), (NodeRole.Console, true), (NodeRole.Engine, false), (NodeRole.Engine, true),
    ];

    /// <summary>Where services keep their data on this system unless they are told otherwise.</summary>
    public static string DataPath { get; } = OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "ScanEngineAdmin")
        : SystemdUnit.DataPath;

    public static IServiceManager OfThisHost() => OperatingSystem.IsWindows()
        ? new WindowsServiceManager(ToolRunner.RunAsync, TimeProvider.System)
        : new SystemdServiceManager(new SystemdHost());
}
