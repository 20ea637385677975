using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Services;

/// <summary>Services as units of systemd.</summary>
internal sealed class SystemdServiceManager(SystemdHost host) : IServiceManager
{
    // The same line in the cmdlet and in the Debian package; where the user is there already nothing happens.
    private static readonly ToolCall MakeUser = new(
        "systemd-sysusers",
        ["--inline", $"u {SystemdUnit.User} - \"ScanEngineAdmin\" {SystemdUnit.DataPath}"]);

    // systemctl comes back when the service has stopped and started, or systemd has given it up.
    private static readonly TimeSpan Patience =
        SystemdUnit.StopLimit + SystemdUnit.StartLimit + TimeSpan.FromSeconds(30);

    public string Describe(ServiceDefinition service, ServiceStatus? installed, bool start) => string.Join(
        Environment.NewLine, [
        $"# {new UnitFile(host.UnitFolder, service.Name).Path}",
        SystemdUnit.Write(service),
        .. Calls(service, start, exists: installed is not null).Select(static call => call.ToString()),
    ]);

    public string DescribeRemoval(ServiceStatus service) => string.Join(
        Environment.NewLine, [Disable(service.Name).ToString(), .. service.Path?.StartsWith(host.UnitFolder, StringComparison.Ordinal) == true
            ? new[] { $"rm {service.Path}" } : [], Reload.ToString()]);

    public async Task<ServiceStatus?> LookAsync(NodeRole role, bool isApplier, CancellationToken cancellationToken)
    {
        string name = ServiceDefinition.NameOf(role, isApplier);
        var file = new UnitFile(host.UnitFolder, name);
        string? text = file.Read();
        if (text is null)
        {
            // A package's unit is a service once it is enabled or runs.
            file = new UnitFile(host.VendorFolder, name);
            text = file.Read();
        }

        if (text is null)
        {
            return null;
        }

        ToolResult shown = host.IsRunning()
            ? await host.RunAsync(
                new ToolCall("systemctl", ["show", name, "--property=ActiveState,UnitFileState,MainPID"]),
                cancellationToken).ConfigureAwait(false)
            : ToolResult.Missing;
        Dictionary<string, string> facts = shown.Output.Split('\n')
            .Select(static line => line.Split('=', 2)).Where(static pair => pair.Length == 2)
            .DistinctBy(static pair => pair[0]).ToDictionary(static pair => pair[0], static pair => pair[1]);
        int processId = int.TryParse(
            facts.GetValueOrDefault("MainPID"), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0;
        bool isEnabled = facts.GetValueOrDefault("UnitFileState") == "enabled";
        EngineServiceState state = StateOf(facts.GetValueOrDefault("ActiveState"));
        return IsVendors(file) && !isEnabled && state == EngineServiceState.Stopped ? null : new ServiceStatus(
            role,
            isApplier,
            file.Path,
            text,
            state,
            isEnabled,
            text.Split('\n').FirstOrDefault(static line => line.StartsWith("User=", StringComparison.Ordinal))?[5..] ?? "root",
            processId > 0 ? processId : null);
    }

    public async Task<bool> InstallAsync(ServiceDefinition service, bool start, CancellationToken cancellationToken)
    {
        Require();
        service = service with { Program = ServiceProgram.Check(service.Program) };
        var file = new UnitFile(host.UnitFolder, service.Name);
        string text = SystemdUnit.Write(service);
        ServiceStatus? before = await LookAsync(service.Role, service.IsApplier, cancellationToken).ConfigureAwait(false);
        bool same = before?.Text == text;
        if (same && before!.StartsAtBoot && (!start || before.State == EngineServiceState.Running))
        {
            return false;
        }

        if (!same)
        {
            file.Write(text);
        }

        foreach (ToolCall call in Calls(service, start, exists: before is not null))
        {
            await RunAsync(service.Name, call, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    public async Task RemoveAsync(ServiceStatus service, CancellationToken cancellationToken)
    {
        Require();
        await RunAsync(service.Name, Disable(service.Name), cancellationToken).ConfigureAwait(false);
        if (service.Path == new UnitFile(host.UnitFolder, service.Name).Path)
        {
            new UnitFile(host.UnitFolder, service.Name).Delete();
        }

        await RunAsync(service.Name, Reload, cancellationToken).ConfigureAwait(false);
    }

    private static ToolCall Reload { get; } = new("systemctl", ["daemon-reload"]);

    private static ToolCall Disable(string name) => new("systemctl", ["disable", "--now", name])
    {
        Limit = Patience,
    };

    private static IEnumerable<ToolCall> Calls(ServiceDefinition service, bool start, bool exists)
    {
        if (!service.IsApplier && service.User is null)
        {
            yield return MakeUser;
        }

        yield return Reload;
        yield return new ToolCall("systemctl", ["enable", service.Name]);
        if (start)
        {
            yield return new ToolCall("systemctl", [exists ? "restart" : "start", service.Name]) { Limit = Patience };
        }
    }

    private bool IsVendors(UnitFile file) => Path.GetDirectoryName(file.Path) == host.VendorFolder;

    private static EngineServiceState StateOf(string? active) => active switch
    {
        "active" or "reloading" => EngineServiceState.Running,
        "activating" => EngineServiceState.Starting,
        "failed" => EngineServiceState.Failed,
        _ => EngineServiceState.Stopped,
    };

    private async Task RunAsync(string name, ToolCall call, CancellationToken cancellationToken)
    {
        ToolResult result = await host.RunAsync(call, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw ServiceFaults.Failed(name, call, result);
        }
    }

    private void Require()
    {
        if (!host.IsRunning())
        {
            throw ServiceFaults.NoManager();
        }

        if (!host.IsRoot())
        {
            throw ServiceFaults.NotRoot();
        }
    }
}
