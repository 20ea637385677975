using ScanEngineAdmin.Core;

namespace ScanEngineAdmin.Pipeline;

/// <summary>The faults of naming what is not there.</summary>
internal static class Missing
{
    public static ScanEngineException Engine(string name) => new(
        FaultCode.EngineNotFound,
        $"There is no engine named '{name}'.",
        "List what there is with Get-ScanEngine, or register it: "
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

    public static ScanEngineException ConsoleIn(string folder) => new(
        FaultCode.ConsoleNotFound,
        $"There is no Security Console in '{folder}'.",
        "Name its data folder with -DataPath.",
        folder);

    public static ScanEngineException Console(string fingerprint) => new(
        FaultCode.ConsoleNotFound,
        $"This engine knows no console with the fingerprint {fingerprint}.",
        "List what there is with Get-EngineConsole.",
        fingerprint);
}
