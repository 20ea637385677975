using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Service.Arguments;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Service;

/// <summary>
/// Says how the nodes of a data folder stand, for people, scripts and health checks. It makes nothing.
/// </summary>
internal static class StatusHost
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static readonly string Version = typeof(StatusHost).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static Command Create()
    {
        Option<string?> data = NodeArguments.Data();
        Option<NodeRole?> role = HostOption.Name<NodeRole>(
            "--role", "console|engine", "of one kind of node alone (default: both)");
        Option<bool> json = HostOption.Flag("--json", "the status as one JSON object");
        var command = new Command("status", "Say how the nodes of a data folder stand.") { data, role, json };
        command.SetAction((parsed, _) => RunAsync(
            DataFolder.Resolve(parsed.GetValue(data)), parsed.GetValue(role), parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(DataFolder folder, NodeRole? asked, bool json)
    {
        NodeStatus[] nodes = [.. Enum.GetValues<NodeRole>()
            .Where(role => asked is null || asked == role)
            .Where(role => Directory.Exists(role == NodeRole.Console ? folder.Console : folder.Engine))
            .Select(role => Look(folder, role))];
        bool healthy = nodes.Length > 0 && Array.TrueForAll(nodes, static node => node.Running);
        string text = json
            ? JsonSerializer.Serialize(new { Healthy = healthy, Version, DataPath = folder.Root, Nodes = nodes }, Json)
            : nodes.Length == 0
                ? $"There is no {asked?.ToString().ToLowerInvariant() ?? "node"} in '{folder.Root}'."
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
        info.IsRunning ? info.Node?.ListensAt?.ToString() : null,
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
