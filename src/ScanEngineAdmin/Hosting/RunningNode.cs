using System.Globalization;
using System.Net;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Hosting;

/// <summary>Says who runs on a data folder already, when a start cannot share it.</summary>
internal static class RunningNode
{
    /// <summary>
    /// A node of this process is shared, unless it was asked for at another address or port than it listens at.
    /// </summary>
    public static void Check(
        FaultCode code, string what, string stop, string? endPoint, IPAddress? address, int? port, DataFolder folder)
    {
        if (endPoint is null || !IPEndPoint.TryParse(endPoint, out IPEndPoint? at))
        {
            return;
        }

        if (port is > 0 && port != at.Port)
        {
            string how = string.Create(CultureInfo.InvariantCulture, $"at {endPoint}, not at port {port}");
            throw Other(code, what, stop, how, folder);
        }

        if (address is not null && !address.Equals(at.Address))
        {
            throw Other(code, what, stop, $"at {endPoint}, not at {address}", folder);
        }
    }

    /// <summary>What was asked for is not what runs here, and cannot be changed while it runs.</summary>
    public static ScanEngineException Other(FaultCode code, string what, string stop, string how, DataFolder folder) =>
        new(
            code,
            $"This process already runs the {what} of '{folder.Root}', {how}.",
            $"Stop it first: {stop} -DataPath '{folder.Root}'.",
            folder.Root);

    /// <summary>A node of another process cannot be shared: names that process.</summary>
    public static void CheckElsewhere(FaultCode code, string what, string stop, NodeInfo info)
    {
        // One that another runspace of this process starts at this moment is shared.
        if (!info.IsRunning || info.Node is not { } node || node.ProcessId == Environment.ProcessId)
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
