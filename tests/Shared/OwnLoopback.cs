using System.Net;

namespace ScanEngineAdmin.Tests.Shared;

/// <summary>
/// Loopback addresses that are one test's alone, so that a port which was free there stays so. macOS has 127.0.0.1 only:
/// there all tests share it.
/// </summary>
internal sealed class OwnLoopback
{
    // Begins anywhere, so that test runs side by side do not meet, and gives no net twice in one of them.
    private static int _given = Random.Shared.Next(1 << 16);

    private readonly byte[] _net = new byte[2];

    public OwnLoopback()
    {
        // Not the net of 127.0.0.1, which is everybody's.
        int number = 1 + (int)((uint)Interlocked.Increment(ref _given) % ((1 << 16) - 1));
        (_net[0], _net[1]) = ((byte)(number >> 8), (byte)number);
    }

    public IPAddress At(byte host) =>
        OperatingSystem.IsMacOS() ? IPAddress.Loopback : new IPAddress([127, _net[0], _net[1], host]);
}
