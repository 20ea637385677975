using System.Diagnostics;
using System.Reflection;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.NodeProcess;

/// <summary>Who hosts a node, and the error that says who holds a data folder already.</summary>
internal static class NodeFaults
{
    // A program that is started by the dotnet command runs under that name: then its assembly's name is shown.
    public static string HostName()
    {
        using Process current = Process.GetCurrentProcess();
        return current.ProcessName is "dotnet" && Assembly.GetEntryAssembly()?.GetName().Name is { Length: > 0 } program
            ? program
            : current.ProcessName;
    }

    public static ScanEngineException AlreadyRunning(FaultCode code, string path, NodeRecord? holder)
    {
        string who = holder is null
            ? "another process"
            : $"process {holder.ProcessId} ({holder.HostedBy}), since {holder.Started:u}";
        (string kind, string noun) = code == FaultCode.ConsoleAlreadyRunning
            ? ("console", "SecurityConsole")
            : ("engine", "EngineListener");
        return new ScanEngineException(
            code,
            $"The {kind} on {path} runs already: {who} holds it.",
            $"Use that one, stop it with Stop-{noun}, or give another -DataPath.",
            path);
    }
}
