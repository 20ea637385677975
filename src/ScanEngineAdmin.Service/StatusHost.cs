using System.Globalization;
using System.Reflection;
using System.Text.Json;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Service;

/// <summary>
/// Says how the nodes of a data folder stand, for people, scripts and health checks. It makes nothing.
/// </summary>
internal static class StatusHost
{
    public const string Name = "status";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static string Version { get; } = typeof(StatusHost).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static async Task<int> RunAsync(HostArguments arguments)
    {
        DataFolder folder = DataFolder.Resolve(arguments.Data);
        NodeStatus[] nodes = [.. Enum.GetValues<NodeRole>()
            .Where(role => arguments.Role is null || arguments.Role == role)
            .Where(role => Directory.Exists(role == NodeRole.Console ? folder.Console : folder.Engine))
            .Select(role => Look(folder, role))];
        bool healthy = nodes.Length > 0 && Array.TrueForAll(nodes, static node => node.Running);
        string text = arguments.Json
            ? JsonSerializer.Serialize(new { Healthy = healthy, Version, DataPath = folder.Root, Nodes = nodes }, Json)
            : nodes.Length == 0
                ? $"There is no {arguments.Role?.ToString().ToLowerInvariant() ?? "node"} in '{folder.Root}'."
                : string.Join(Environment.NewLine, nodes.Select(static node => node.ToString()));
        await Console.Out.WriteLineAsync(text).ConfigureAwait(false);
        return healthy ? ExitCode.Stopped : ExitCode.Failed;
    }

    private static NodeStatus Look(DataFolder folder, NodeRole role)
    {
        var stores = new SqliteStoreProvider();
        if (role == NodeRole.Console)
        {
            using ConsoleAdmin console = ConsoleAdmin.Open(folder, stores);
            return Of(role, console.Describe(), console.Store.ListEngines().Count);
        }

        using EngineAdmin engine = EngineAdmin.Open(folder, stores);
        return Of(role, engine.Describe(), engine.Store.ListConsoles().Count);
    }

    private static NodeStatus Of(NodeRole role, NodeInfo info, int peers) => new(
        role.ToString().ToLowerInvariant(),
        info.IsRunning,
        info.IsRunning ? info.Node?.EndPoint : null,
        info.IsRunning ? info.Node?.ProcessId : null,
        peers,
        info.Fingerprint.IsEmpty ? null : info.Fingerprint.ToString());

    /// <summary>One node of this host; its peers are the console's engines, or the engine's consoles.</summary>
    private sealed record NodeStatus(
        string Role, bool Running, string? EndPoint, int? ProcessId, int Peers, string? Fingerprint)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Role}: {(Running ? $"running, process {ProcessId}" : "stopped")}"
            + $"{(EndPoint is null ? string.Empty : $", listens at {EndPoint}")}"
            + $", {Peers} {(Role == "console" ? "engines" : "consoles")}, fingerprint {Fingerprint ?? "none yet"}");
    }
}
