using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Channel.Wire;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>A node that says whatever it likes, with a key of its own or a stolen or paired one.</summary>
internal sealed class Attacker : IDisposable
{
    private readonly ChannelRuntime _runtime = new(AttackStage.Patient);

    public Attacker(NodeRole role, Guid? nodeId = null, NodeIdentity? identity = null)
    {
        NodeId = nodeId ?? Guid.NewGuid();
        Identity = identity ?? NodeIdentity.Create(NodeId, TimeProvider.System);
        Role = role;
    }

    public Guid NodeId { get; }

    public NodeIdentity Identity { get; }

    public NodeRole Role { get; }

    public Guid BootId { get; set; } = Guid.NewGuid();

    /// <summary>With the identity of a data folder: of a node that was paired and is hostile.</summary>
    public static Attacker Of(NodeRole role, string folder)
    {
        (Guid id, NodeIdentity identity) = IdentityFile.LoadOrCreate(folder, TimeProvider.System);
        return new Attacker(role, id, identity);
    }

    public PeerHello Hello(HelloFacts? facts = null) => new()
    {
        Role = Role,
        NodeId = NodeId,
        Name = "attacker",
        Product = "6.6.6",
        BootId = BootId,
        Properties = (facts ?? new HelloFacts()).ToProperties(),
    };

    public Task<PeerChannel> DialAsync(
        IPEndPoint at, Fingerprint pin, IPeerHandler? handler = null, HelloFacts? facts = null) =>
        new ChannelDialer(Identity, _runtime).OpenChannelAsync(
            Target(at, pin), Hello(facts), handler ?? new SilentHandler(), CancellationToken.None);

    public Task<PairingConnection> DialPairingAsync(IPEndPoint at, Fingerprint pin) =>
        new ChannelDialer(Identity, _runtime).OpenPairingAsync(Target(at, pin), Hello(), CancellationToken.None);

    /// <summary>TLS only; the frames are the attacker's.</summary>
    public static async Task<SslStream> RawAsync(
        IPEndPoint at, X509Certificate2? certificate, string alpn = ChannelProtocol.ChannelAlpn, IPAddress? from = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        await socket.ConnectAsync(at);
#pragma warning disable CA5359 // An attacker does not care whom it meets.
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true), false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "x.invalid",
            ApplicationProtocols = [new SslApplicationProtocol(alpn)],
            ClientCertificates = certificate is null ? null : new X509CertificateCollection { certificate },
            LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
        }).WaitAsync(AttackStage.Patience);
        return tls;
    }

    public byte[] HelloFrame() => Frame(FrameKind.Hello, 0, HandshakeJson.Write(HelloMessage.From(Hello())));

    public static byte[] Frame(FrameKind kind, uint id, params byte[] payload)
    {
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(payload.Length, kind, id).Write(frame);
        payload.CopyTo(frame, FrameHeader.Size);
        return frame;
    }

    /// <summary>All that comes until the other end closes: the frames' kinds, and the code of the refusal.</summary>
    public static async Task<(List<FrameKind> Kinds, RefusalCode? Refused)> HearAsync(Stream stream)
    {
        var kinds = new List<FrameKind>();
        RefusalCode? refused = null;
        try
        {
            while (true)
            {
                byte[] head = new byte[FrameHeader.Size];
                await stream.ReadExactlyAsync(head).AsTask().WaitAsync(AttackStage.Patience);
                FrameHeader.TryRead(head, ChannelProtocol.MaxPayload, out FrameHeader header, out _);
                byte[] payload = new byte[header.Length];
                await stream.ReadExactlyAsync(payload).AsTask().WaitAsync(AttackStage.Patience);
                kinds.Add(header.Kind);
                refused = header.Kind == FrameKind.Refuse
                    ? HandshakeJson.Read<RefuseMessage>(payload).ToRefusal().Code
                    : refused;
            }
        }
        catch (IOException)
        {
            return (kinds, refused);
        }
    }

    /// <summary>What the other side refuses it with.</summary>
    public static async Task<Refusal> RefusedAsync(Func<Task> attempt)
    {
        try
        {
            await attempt().WaitAsync(AttackStage.Patience);
        }
        catch (ChannelException e) when (e.Refusal is { } refusal)
        {
            return refusal;
        }

        throw new AttackException("It was let in.");
    }

    /// <summary>The code that a request is answered with instead of an answer.</summary>
    public static async Task<RequestCode> AnsweredAsync(Func<Task> request)
    {
        try
        {
            await request().WaitAsync(AttackStage.Patience);
        }
        catch (ChannelException e) when (e.Fault is ChannelFault.RequestFailed or ChannelFault.StreamReset)
        {
            return (RequestCode)e.PeerCode;
        }

        throw new AttackException("It was answered.");
    }

    /// <summary>
    /// Sends each of them, with every number in it at once the least, nothing and the most that it can be; all are
    /// answered, or refused for a reason, and none ends in a fault that nobody expected.
    /// </summary>
    public static async Task<string> ExtremesAsync(PeerChannel channel, params (ushort Method, JObject Sound)[] messages)
    {
        (int answered, int refused) = (0, 0);
        foreach ((ushort method, JObject sound) in messages)
        {
            string[] numbers = [.. sound.Descendants().OfType<JValue>()
                .Where(static value => value.Type == JTokenType.Integer).Select(static value => value.Path)];
            foreach (string number in numbers)
            {
                foreach (long extreme in (long[])[long.MinValue, int.MinValue, 0, int.MaxValue, long.MaxValue])
                {
                    var message = (JObject)sound.DeepClone();
                    ((JValue)message.SelectToken(number)!).Value = extreme;
                    try
                    {
                        using Payload answer = await channel.RequestAsync(
                            method, Text(message.ToString(Formatting.None)), CancellationToken.None)
                            .AsTask().WaitAsync(AttackStage.Patience);
                        answered++;
                    }
                    catch (ChannelException e) when (e.Fault == ChannelFault.RequestFailed && e.PeerCode != 0)
                    {
                        refused++;
                    }
                    catch (ChannelException e)
                    {
                        throw new AttackException($"{extreme} as {number} of method {method}: {e.Message}");
                    }
                }
            }
        }

        return $"{answered} answered, {refused} refused, each for a reason";
    }

    public static void Expect<T>(T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new AttackException($"expected {expected}, got {actual}");
        }
    }

    /// <summary>What an engine says that does whatever it is asked.</summary>
    public static byte[] Obeying(ushort method) => method switch
    {
        Methods.ScanSync => WireJson.Write(new ScanSyncReply { Missing = [] }),
        Methods.LeaseClock => WireJson.Write(new LeaseClockTime { NowMs = Environment.TickCount64 }),
        _ => WireJson.Write(new Done()),
    };

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    public void Dispose()
    {
        Identity.Dispose();
        _runtime.Dispose();
    }

    private static DialTarget Target(IPEndPoint at, Fingerprint pin) => new($"{at.Address}", at.Port, [pin]);

    /// <summary>Has every request done, and has nothing to say of any.</summary>
    private sealed class SilentHandler : IPeerHandler
    {
        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            new(Obeying(method));

        public async Task OnStreamAsync(
            PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
            await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
