using System.Globalization;
using System.Net;
using ScanEngineAdmin.Core;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Hosting;

/// <summary>Says who runs on a data folder already, when a start cannot share it.</summary>
internal static class RunningHere
{
    /// <summary>
    /// A node of this process is shared, unless another port was asked for than the one it listens at.
    /// </summary>
    public static void Check(
        FaultCode code, string what, string stop, string? endPoint, int? askedPort, DataFolder folder)
    {
        if (askedPort is null or 0 || endPoint is null || !IPEndPoint.TryParse(endPoint, out IPEndPoint? at)
            || at.Port == askedPort)
        {
            return;
        }

        throw new ScanEngineException(
            code,
            string.Create(
                CultureInfo.InvariantCulture,
                $"This process already runs the {what} of '{folder.Root}', at {endPoint}, not at port {askedPort}."),
            $"Stop it first: {stop} -DataPath '{folder.Root}'.",
            folder.Root);
    }

    /// <summary>A node of another process cannot be shared: names that process.</summary>
    public static void CheckElsewhere(FaultCode code, string what, string stop, NodeInfo info)
    {
        if (!info.IsRunning || info.Node is not { } node)
        {
            return;
        }

        throw new ScanEngineException(
            code,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The {what} of '{info.DataPath}' already runs in process {node.ProcessId} ({node.HostedBy})."),
            $"Use it as it is, or stop it first: {stop} -DataPath '{info.DataPath}'.",
            info.DataPath);
    }
}
