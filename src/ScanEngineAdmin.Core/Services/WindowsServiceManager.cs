using System.Globalization;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Services;

/// <summary>Services of Windows, by its own sc.exe.</summary>
internal sealed partial class WindowsServiceManager(
    Func<ToolCall, CancellationToken, Task<ToolResult>> run, TimeProvider time)
    : IServiceManager
{
    // As QueryServiceStatus numbers them.
    private const string Stopped = "1";
    private const string Stopping = "3";
    private const string Running = "4";

    // A node says goodbye on its channels before it ends, and opens its store before it runs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public string Describe(ServiceDefinition service, ServiceStatus? installed, bool start)
    {
        bool runs = installed is { State: not EngineServiceState.Stopped };
        bool stops = start && runs && !IsSame(service, installed);
        IEnumerable<ToolCall> calls = WindowsServiceCommands.Install(service, exists: installed is not null);
        calls = stops ? calls.Prepend(WindowsServiceCommands.Stop(service.Name)) : calls;
        calls = start && (stops || !runs) ? calls.Append(WindowsServiceCommands.Start(service.Name)) : calls;
        return Lines(calls);
    }

    public string DescribeRemoval(ServiceStatus service) => Lines(
        [WindowsServiceCommands.Stop(service.Name), WindowsServiceCommands.Delete(service.Name)]);

    public async Task<ServiceStatus?> LookAsync(NodeRole role, bool isApplier, CancellationToken cancellationToken)
    {
        string name = ServiceDefinition.NameOf(role, isApplier);
        ToolResult state = await run(WindowsServiceCommands.Query(name), cancellationToken).ConfigureAwait(false);
        if (!state.Succeeded)
        {
            return null;
        }

        // Names are translated on a Windows of another language; numbers and the order of the lines are not.
        ToolResult kept = await run(WindowsServiceCommands.Configuration(name), cancellationToken).ConfigureAwait(false);
        string[] values = Values(kept);
        string[] numbers = Values(state);
        int id = numbers.Length > 7 && int.TryParse(
            numbers[7], NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : 0;
        return new ServiceStatus(
            role,
            isApplier,
            null,
            values.ElementAtOrDefault(4) ?? string.Empty,
            StateOf(numbers) switch
            {
                Running => EngineServiceState.Running,
                "2" or "5" => EngineServiceState.Starting,
                _ => EngineServiceState.Stopped,
            },
            values.ElementAtOrDefault(2)?.StartsWith('2') == true,
            values.LastOrDefault() ?? string.Empty,
            id > 0 ? id : null);
    }

    public async Task<bool> InstallAsync(ServiceDefinition service, bool start, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows() && !FolderRights.IsElevated)
        {
            throw ServiceFaults.NotRoot();
        }

        service = service with { Program = ServiceProgram.Check(service.Program) };
        ServiceStatus? before = await LookAsync(service.Role, service.IsApplier, cancellationToken).ConfigureAwait(false);
        bool isSame = IsSame(service, before);
        if (isSame && before!.StartsAtBoot && (!start || before.State == EngineServiceState.Running))
        {
            return false;
        }

        var id = (service.Role, service.IsApplier);
        if (start && before is not null && !isSame)
        {
            // What runs keeps the arguments that it was started with. From here on it may be down, so Ctrl+C has to wait;
            // every step has its time.
            await StopAsync(id, cancellationToken).ConfigureAwait(false);
            cancellationToken = CancellationToken.None;
        }

        foreach (ToolCall call in WindowsServiceCommands.Install(service, before is not null))
        {
            await RunAsync(id, call, cancellationToken).ConfigureAwait(false);
        }

        if (start && await StateAsync(service.Name, cancellationToken).ConfigureAwait(false) != Running)
        {
            await RunAsync(id, WindowsServiceCommands.Start(service.Name), cancellationToken).ConfigureAwait(false);
            await WaitAsync(id, Running, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    public async Task RemoveAsync(ServiceStatus service, CancellationToken cancellationToken)
    {
        var id = (service.Role, service.IsApplier);
        await StopAsync(id, cancellationToken).ConfigureAwait(false);
        await RunAsync(id, WindowsServiceCommands.Delete(service.Name), cancellationToken).ConfigureAwait(false);
    }

    private static bool IsSame(ServiceDefinition service, ServiceStatus? installed) =>
        installed?.Text == WindowsServiceCommands.CommandLine(service);

    // It stops by itself after it was told to, and a stop that somebody else asked for is as good.
    private async Task StopAsync((NodeRole Role, bool IsApplier) id, CancellationToken cancellationToken)
    {
        string name = ServiceDefinition.NameOf(id.Role, id.IsApplier);
        string? state = await StateAsync(name, cancellationToken).ConfigureAwait(false);
        if (state is not (Stopped or Stopping or null))
        {
            await RunAsync(id, WindowsServiceCommands.Stop(name), cancellationToken).ConfigureAwait(false);
        }

        await WaitAsync(id, Stopped, cancellationToken).ConfigureAwait(false);
    }

    private async Task WaitAsync((NodeRole Role, bool IsApplier) id, string wanted, CancellationToken cancellationToken)
    {
        string name = ServiceDefinition.NameOf(id.Role, id.IsApplier);
        long begun = time.GetTimestamp();
        while (await StateAsync(name, cancellationToken).ConfigureAwait(false) is { } state && state != wanted)
        {
            bool hasEnded = wanted == Running && state == Stopped;
            if (hasEnded || time.GetElapsedTime(begun) > Patience)
            {
                string what = hasEnded ? "it ended as soon as it was started."
                    : $"it did not {(wanted == Running ? "start" : "stop")} within {Patience.TotalSeconds:0} s.";
                throw ServiceFaults.Failed(name, what, await StandsAsync(id, cancellationToken).ConfigureAwait(false));
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The number of its state; null where it is not installed.</summary>
    private async Task<string?> StateAsync(string name, CancellationToken cancellationToken)
    {
        ToolResult said = await run(WindowsServiceCommands.Query(name), cancellationToken).ConfigureAwait(false);
        return said.Succeeded ? StateOf(Values(said)) : null;
    }

    private static string? StateOf(string[] values) => values.ElementAtOrDefault(2)?.Split(' ')[0];

    private static string[] Values(ToolResult said) =>
        [.. Value().Matches(said.Output).Select(static match => match.Groups[1].Value.Trim())];

    private async Task<string> StandsAsync((NodeRole Role, bool IsApplier) id, CancellationToken cancellationToken) =>
        await LookAsync(id.Role, id.IsApplier, cancellationToken).ConfigureAwait(false) is { } now
            ? $"It is {now.State} now; its command line is: {now.Text}"
            : "It is not installed now.";

    private static string Lines(IEnumerable<ToolCall> calls) =>
        string.Join(Environment.NewLine, calls.Select(static call => call.ToString()));

    private async Task RunAsync(
        (NodeRole Role, bool IsApplier) id, ToolCall call, CancellationToken cancellationToken)
    {
        ToolResult result = await run(call, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw ServiceFaults.Failed(
                ServiceDefinition.NameOf(id.Role, id.IsApplier), call, result,
                await StandsAsync(id, cancellationToken).ConfigureAwait(false));
        }
    }

    [GeneratedRegex(@"(?m)^[^:\r\n]+: ?(.*?)\r?$")]
    private static partial Regex Value();
}
