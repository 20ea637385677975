using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Channel.Wire;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Batches;
using ScanEngineAdmin.Scanning.Ports;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Faults.Fuzz;

/// <summary>
/// Everything that reads what a stranger or a peer sent, and the parsers of what an admin or a peer typed.
/// </summary>
internal static class FuzzTargets
{
    private static readonly TargetPolicyGuard Guard = new(
        new TargetPolicy { Deny = ["127.0.0.0/8", "::1"], Allow = ["0.0.0.0/0"] });

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new(
            "frames", 3000,
            Bytes("00000410000000010001", "0000083000000000AAAAAAAAAAAAAAAA", "0000060F00000000000861626364"),
            [], Frames),
        new("batches", 4000, Batches(), [], Batch) { MaxAllocatedPerByte = 256 },
        new(
            "names", 1500,
            Texts(SecretText, "plant-7", "10.0.0.1", "host.example.net"),
            Texts("-", "@", ":", ".", "0", "aF09", " ", "\u202e", "\ud83d\ude00"), Names),
        new(
            "targets", 600,
            Texts("10.0.0.0/24\n10.1.0.1-9\n2001:db8::/120\nhost.example.net", "::ffff:10.0.0.1\n64:ff9b::1"),
            Texts("10.0.0.1", "/24", "-", "2001:db8::", "::ffff:", ".", "\n", "a", "256", "/0", "/128", " "), Targets)
            { MaxLength = 1024, MaxAllocatedPerByte = 4096 },
        new(
            "ports", 600,
            Texts("22,80,443", "1-1024,8080", "top100"),
            Texts("1", "65535", "65536", "-", ",", " ", "0", "22"), Ports)
            { MaxLength = 1024, MaxAllocated = 2 * 1024 * 1024 },
        new("first", 300, Bytes("160301020001", "474554202F20485454502F312E310D0A", "5353482D322E302D"), [], First),
        JsonTargets.Handshake(260),
        JsonTargets.Pairing(260),
        JsonTargets.Control(380),
        JsonTargets.Duties(180),
        new("export", 300, [ExportHead], [], Export),
        ChannelTarget.Make(10),
    ];

    private static string SecretText => $"2942-F7FB-0000-1111-2222-3333-4444-5555@{new string('a', 64)}";

    public static int Outcome(string text)
    {
        int hash = 17;
        foreach (char c in text)
        {
            hash = char.IsAsciiLetter(c) ? unchecked((hash * 31) + c) : hash;
        }

        return hash;
    }

    public static IReadOnlyList<byte[]> Texts(params string[] texts) => texts.Select(Encoding.UTF8.GetBytes).ToArray();

    private static byte[][] Bytes(params string[] hex) => hex.Select(Convert.FromHexString).ToArray();

    private static byte[] ExportHead =>
        ExportHeader.Of(
            Guid.NewGuid(), Fingerprint.Parse(new string('a', 64)), true, DateTimeOffset.UnixEpoch).ToBytes();

    // What an import reads before it can know whether somebody with the passphrase wrote it.
    private static int Export(byte[] input)
    {
        using var file = new MemoryStream(input);
        try
        {
            Task<(ExportHeader Header, byte[] Bytes)> reading = ExportHeader.ReadAsync(file, "x", default);
            (ExportHeader header, _) = reading.GetAwaiter().GetResult(); // From memory it has ended already.
            return header.Describe("x", input.Length).MachineName.Length;
        }
        catch (ScanEngineException e)
        {
            return Outcome($"{e.Code}{e.Message}");
        }
    }

    private static int Frames(byte[] input)
    {
        bool read = FrameHeader.TryRead(
            input, input.Length % 2 == 0 ? ChannelProtocol.MaxPayload : ChannelProtocol.MaxHandshakePayload,
            out FrameHeader header, out FrameError error);
        ReadOnlySpan<byte> payload = input.AsSpan(Math.Min(input.Length, FrameHeader.Size));
        int parts = (FramePayload.TryReadOpen(payload, out _, out uint credit, out _) && credit <= int.MaxValue ? 1 : 0)
            | (FramePayload.TryReadCredit(payload, out credit) ? 2 : 0)
            | (FramePayload.TryReadRequest(payload, out _, out _) ? 4 : 0)
            | (FramePayload.TryReadPing(payload, out _) ? 8 : 0);
        if (FramePayload.TryReadCode(payload, out _, out string text))
        {
            parts |= 16;
            Must(PeerText.IsLine(text, FramePayload.MaxText), "a text that is not one line was let through");
        }

        Must(!read || header.Length <= ChannelProtocol.MaxPayload, "a frame beyond the ceiling was read");
        return (((int)error * 31) + (int)header.Kind) * 37 + parts;
    }

    private static IReadOnlyList<byte[]> Batches()
    {
        var found = new List<Finding>
        {
            new(0, "10.0.0.1", 22, PortState.Open, TimeSpan.FromMilliseconds(1), "SSH-2.0-x"),
            new(1, "10.0.0.1", 80, PortState.Closed, null, null),
        };
        var batch = new ScanBatch { Number = 7, Cursor = 2, TargetsTotal = 2, TargetsDone = 1, Findings = found };
        return
        [
            ScanBatchCodec.Encode(batch),
            ScanBatchCodec.Encode(batch with { Findings = [], Final = ScanState.Failed, Detail = "why" }),
            Convert.FromHexString("010107020201000208000831302E302E302E311" + "6E807150150014" + "1"),
        ];
    }

    private static int Batch(byte[] input)
    {
        try
        {
            ScanBatch batch = ScanBatchCodec.Decode(input);
            ScanBatch again = ScanBatchCodec.Decode(ScanBatchCodec.Encode(batch));
            Must(again.Findings.SequenceEqual(batch.Findings), "not the same again");
            return batch.Findings.Count;
        }
        catch (FormatException e)
        {
            return Outcome(e.Message);
        }
    }

    private static int Names(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        string shown = PeerText.Line(text, 128);
        Must(PeerText.IsLine(shown, 128), "what is to be shown is not fit to be");
        bool secret = PairingSecret.TryParse(text, out PairingSecret? read);
        Must(!secret || PairingSecret.TryParse(read!.Reveal(), out _), "a secret that does not read back");
        return (secret ? 1 : 0) | (Fingerprint.TryParse(text, out _) ? 2 : 0) | (EngineName.Flaw(text) is null ? 4 : 0)
            | (text.Length > 0 && DialAddress.IsValid(text) ? 8 : 0) | (shown == text ? 16 : 0);
    }

    private static int Targets(byte[] input)
    {
        try
        {
            TargetList list = TargetList.Parse(Encoding.UTF8.GetString(input).Split('\n'));
            _ = list[0];
            _ = list[list.Count - 1];
            Guard.Check(list);
            return list.Count > 100 ? 100 : (int)list.Count;
        }
        catch (ScanEngineException e)
        {
            return ((int)e.Code * 31) + Outcome(e.Message[(e.Message.LastIndexOf(':') + 1)..]);
        }
    }

    private static int Ports(byte[] input)
    {
        try
        {
            PortList ports = PortList.Parse(Encoding.UTF8.GetString(input));
            Must(Enumerable.Range(1, ports.Count - 1).All(i => ports[i - 1] < ports[i]), "ports that do not ascend");
            return ports.Count > 100 ? 100 : ports.Count;
        }
        catch (ScanEngineException e)
        {
            return ((int)e.Code * 31) + Outcome(e.Message[(e.Message.LastIndexOf(':') + 1)..]);
        }
    }

    private static int First(byte[] input)
    {
        string? foreign = FirstBytes.Foreign(input) is { } named ? $"{named}" : null;
        return (FirstBytes.RecordLength(input) is null ? 0 : 1)
            + (foreign is null ? 0 : Outcome(foreign[..Math.Min(12, foreign.Length)]));
    }

    private static void Must(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException(what);
        }
    }
}
