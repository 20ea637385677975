using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Services;

/// <summary>What goes wrong with services, each with its next step.</summary>
internal static class ServiceFaults
{
    public static ScanEngineException NoManager() => new(
        FaultCode.ServiceManagerNotFound,
        "This host is not run by systemd, and is no Windows: there is nobody to install a service with.",
        "In a container start the node as its command: scanengineadmin console, or scanengineadmin engine. "
            + "-WhatIf shows the unit for another host.");

    public static ScanEngineException NotRoot() => new(
        FaultCode.ServiceAccessDenied,
        "This user may not install or remove services of this host.",
        OperatingSystem.IsWindows()
            ? "Run it again in a PowerShell that was started as administrator."
            : "Run it again as root: sudo pwsh");

    public static ScanEngineException Program(string path, string why) => new(
        FaultCode.ServiceProgramNotUsable,
        $"The program '{path}' is not made a service: {why}.",
        "Put the service host where only root or an administrator can write (its Debian package does: "
            + "/usr/lib/scanengineadmin), or name it: -Program <path>.",
        path);

    public static ScanEngineException NotOurs(string path, string why) => new(
        FaultCode.ServiceNotOurs,
        $"'{path}' was not made by this product: {why}. It is left as it is.",
        "See what is in it, and move it away if it may go.",
        path);

    /// <param name="name">The service.</param>
    /// <param name="call">The step that failed.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="stands">How the service stands now, as a sentence; empty where the step says all.</param>
    public static ScanEngineException Failed(string name, ToolCall call, ToolResult result, string stands = "") => Failed(
        name,
        $"'{call.Tool} {string.Join(' ', call.Arguments.Take(2))}' ended with {result.ExitCode}: {Short(result.Output)}",
        stands);

    public static ScanEngineException Failed(string name, string what, string stands) => new(
        FaultCode.ServiceFailed,
        $"The service {name}: {what} {stands}".TrimEnd(),
        OperatingSystem.IsWindows()
            ? "The event log has the node's own words: Get-WinEvent -ProviderName ScanEngineAdmin -MaxEvents 5"
            : $"The node's own words: journalctl -u {name} -n 20",
        name);

    private static string Short(string output)
    {
        string text = output.Trim().ReplaceLineEndings(" ");
        return text.Length <= 500 ? text : text[..500];
    }
}
