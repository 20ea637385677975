using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Tests.Shared;

/// <summary>Why a test cannot run on this machine, as a reason to skip it; null where it can.</summary>
internal static class ThisMachine
{
    public static string? WhyNotLinux => OperatingSystem.IsLinux() ? null : "needs Linux";

    public static string? WhyNotRoot =>
        OperatingSystem.IsLinux() && Environment.UserName == "root" ? null : "needs root on Linux";

    /// <summary>Whether the loopback interface has an address of IPv6, which many containers lack.</summary>
    public static bool HasIPv6Loopback
    {
        get
        {
            if (!Socket.OSSupportsIPv6)
            {
                return false;
            }

            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
