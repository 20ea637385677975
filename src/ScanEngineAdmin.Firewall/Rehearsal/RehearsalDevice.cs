using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>The wire's end of a device inside: what is written there arrives, what is sent there can be read.</summary>
/// <param name="Name">The interface's name.</param>
/// <param name="Descriptor">The tunnel or the packet socket.</param>
/// <param name="Mac">The interface's own address; null where its packets have no Ethernet heads.</param>
internal sealed record RehearsalDevice(string Name, int Descriptor, byte[]? Mac)
{
    private static readonly byte[] NoMac = [2, 0, 0, 0, 0xee, 1];
    private readonly byte[] _buffer = new byte[65536];

    public void Send(byte[] packet, byte[]? peerMac)
    {
        byte[] frame = Mac is null ? packet : PacketFrame.Ethernet(packet, Mac, peerMac ?? NoMac);
        _ = LinuxCalls.Write(Descriptor, frame, (nuint)frame.Length);
    }

    /// <summary>Asks which interface has that address; only where packets have Ethernet's heads.</summary>
    public void Solicit(IPAddress from, IPAddress wanted, byte[]? peerMac)
    {
        byte[] frame = NeighbourFrame.Solicit(from, wanted, peerMac ?? NoMac);
        _ = LinuxCalls.Write(Descriptor, frame, (nuint)frame.Length);
    }

    /// <summary>The next packet of those wanted that was sent out, or null when none comes within the time.</summary>
    public SeenPacket? Next(TimeSpan within, Func<SeenPacket, bool> isWanted)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            nint got = LinuxCalls.Read(Descriptor, _buffer, (nuint)_buffer.Length);
            int head = Mac is null ? 0 : 14;
            if (got > head)
            {
                if (PacketFrame.Read(_buffer.AsSpan(head, (int)got - head)) is { } seen && isWanted(seen))
                {
                    return Mac is null ? seen : WithHead(seen);
                }

                continue;
            }

            TimeSpan left = within - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return null;
            }

            var waiting = new LinuxCalls.Waiting { Descriptor = Descriptor, Wanted = LinuxCalls.ReadyToRead };
            _ = LinuxCalls.Poll(ref waiting, 1, Math.Max(1, (int)left.TotalMilliseconds));
        }
    }

    public void Drain()
    {
        // What belongs to no question.
        _ = Next(TimeSpan.Zero, static _ => false);
    }

    private SeenPacket WithHead(SeenPacket seen)
    {
        // Where nothing is asked about addresses of interfaces, the kernel puts in the interface's own.
        ReadOnlySpan<byte> to = _buffer.AsSpan(0, 6);
        byte[] kind = seen.To.AddressFamily == AddressFamily.InterNetwork ? [8, 0] : [0x86, 0xdd];
        return seen with
        {
            LedTo = to.SequenceEqual(Mac) ? null : to.ToArray(),
            Fault = _buffer.AsSpan(12, 2).SequenceEqual(kind) ? seen.Fault : "a kind of Ethernet that is not its own",
        };
    }
}
