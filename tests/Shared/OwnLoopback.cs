using System.Net;

namespace ScanEngineAdmin.Tests.Shared;

/// <summary>
/// Loopback addresses that are one test's alone, so that a port which was free there stays so. macOS has 127.0.0.1 only:
/// there all tests share it.
/// </summary>
internal sealed class OwnLoopback
{
    private readonly byte[] _net = new byte[2];

    public OwnLoopback() => Random.Shared.NextBytes(_net);

    public IPAddress At(byte host) =>
        OperatingSystem.IsMacOS() ? IPAddress.Loopback : new IPAddress([127, _net[0], _net[1], host]);
}
