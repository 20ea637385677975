using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Pipeline;

/// <summary>The faults of naming what is not there.</summary>
internal static class NotFound
{
    public static ScanEngineException Engine(string name) => new(
        FaultCode.EngineNotFound,
        $"There is no engine named '{name}'.",
        Guid.TryParse(name, out _)
            ? "An id is no name: a scan is named by -ScanId, a secret by -SecretId. Engines go by the names that Get-ScanEngine lists."
            : "List what there is with Get-ScanEngine, or register it: "
                + $"Register-ScanEngine -Name '{name.Replace("'", "''", StringComparison.Ordinal)}' -Address <host>.",
        name);

    public static ScanEngineException Scan(Guid scanId) => new(
        FaultCode.ScanNotFound,
        $"There is no scan {scanId}.",
        "List what there is with Get-EngineScan.",
        scanId.ToString());

    public static ScanEngineException Secret(Guid secretId) => new(
        FaultCode.SecretNotFound,
        $"There is no pairing secret {secretId} that may still be used.",
        "List what there is with Get-EnginePairingSecret (and -Role Engine on an engine's host).",
        secretId.ToString());

    /// <summary>A change that names nothing to change: silence would look like success.</summary>
    public static ScanEngineException Change(string parameters) => new(
        FaultCode.OptionInvalid,
        "Nothing to change was named.",
        $"Name at least one of {parameters}.");

    /// <summary>An object has the direction in force, which is none that is asked for.</summary>
    public static ScanEngineException Direction(string engine) => new(
        FaultCode.OptionInvalid,
        $"No direction was named for engine '{engine}': an object of this module says the one in force.",
        "Name it: -Direction Standard or -Direction Reverse, or in a column Direction of a file's rows.",
        engine);

    public static ScanEngineException NodeIn(NodeRole role, DataFolder folder) => role == NodeRole.Console
        ? ConsoleIn(folder.Console)
        : new(
            FaultCode.EngineNotFound,
            $"There is no Scan Engine in '{folder.Engine}'.",
            "Name its data folder with -DataPath (or $env:SCANENGINEADMIN_DATA); on a console's host: -Role Console.",
            folder.Engine);

    public static ScanEngineException ConsoleIn(string folder) => new(
        FaultCode.ConsoleNotFound,
        $"There is no Security Console in '{folder}'.",
        "Name its data folder with -DataPath (or $env:SCANENGINEADMIN_DATA); a new one is begun by Start-SecurityConsole.",
        folder);

    /// <summary>
    /// Where the folder that was looked into has no such node at all, nothing is found in it whatever is named.
    /// </summary>
    /// <param name="fault">Any fault of a cmdlet.</param>
    /// <param name="noNode">The fault that there is no node; null if there is one.</param>
    public static ScanEngineException Explain(ScanEngineException fault, Func<ScanEngineException?> noNode) =>
        fault.Code is FaultCode.EngineNotFound or FaultCode.ConsoleNotFound or FaultCode.ScanNotFound
            or FaultCode.PoolNotFound or FaultCode.ScheduleNotFound or FaultCode.SecretNotFound
        && noNode() is { } none && none.Message != fault.Message
            ? new ScanEngineException(fault.Code, $"{fault.Message} {none.Message}", none.Recommendation, fault.Target, fault)
            : fault;

    public static ScanEngineException Console(string fingerprint) => new(
        FaultCode.ConsoleNotFound,
        $"This engine knows no console with the fingerprint {fingerprint}.",
        "List what there is with Get-EngineConsole.",
        fingerprint);
}
