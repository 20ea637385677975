using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Faults.Fuzz;

/// <summary>
/// The three kinds of JSON on the wire; the first byte of an input chooses the message it is read as.
/// </summary>
internal static class JsonTargets
{
    private const string Id = "5f0c0000-1111-2222-3333-444444444444";

    private static readonly string[] Structure =
    [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "1", "-1", "1e999", "99999999999999999999", "0.5",
        "\"\\u0000\"", "\"\\ud800\"", "\"$type\":\"System.IO.FileInfo, System.IO\",", "[[[[[[[[[[[[[[[[[[[[",
        "{\"a\":", "/*", "NaN", "Infinity", "\"2026-01-01T00:00:00Z\"", "\"" + Id + "\"", "\"Console\"",
        "\"EngineToConsole\"", "'", "new Date(", "undefined", " ",
    ];

    public static FuzzTarget Handshake(int weight) => Make(
        "handshake",
        weight,
        [
            Hello,
            $"{{\"version\":1,\"hello\":{Hello}}}",
            """{"code":8,"text":"busy","retryAfterMs":1000,"minVersion":1,"maxVersion":1}""",
        ],
        typeof(HelloMessage), typeof(WelcomeMessage), typeof(RefuseMessage),
        (kind, json) => kind switch
        {
            0 => HandshakeJson.Read<HelloMessage>(json).ToHello().Name.Length,
            1 => HandshakeJson.Read<WelcomeMessage>(json).Hello.ToHello().Name.Length,
            _ => (int)HandshakeJson.Read<RefuseMessage>(json).ToRefusal().Code,
        });

    public static FuzzTarget Pairing(int weight) => Make(
        "pairing",
        weight,
        [
            Json(new PairingBegin
            {
                SecretId = Guid.NewGuid(), Nonce = new byte[32], NodeId = Guid.NewGuid(), Role = NodeRole.Engine,
                Name = "n", EngineName = "e", Direction = CommunicationDirection.EngineToConsole, Product = "1",
                PairingId = Guid.Empty, Epoch = 0,
            }),
            Json(new PairingChallenge
            {
                Nonce = new byte[32], NodeId = Guid.NewGuid(), Role = NodeRole.Console, Name = "n", Product = "1",
                PairingId = Guid.NewGuid(), Epoch = 0,
            }),
            Json(new PairingProve { Proof = new byte[32] }),
            Json(new ApprovalStatus
            {
                Approved = true, NodeId = Guid.NewGuid(), Role = NodeRole.Console, Name = "n", Product = "1",
                PairingId = Guid.NewGuid(),
            }),
        ],
        typeof(PairingBegin), typeof(PairingChallenge), typeof(ApprovalStatus),
        (kind, json) => kind switch
        {
            0 => PairingJson.Read<PairingBegin>(json).Name.Length,
            1 => PairingJson.Read<PairingChallenge>(json).Name.Length,
            2 => PairingJson.Read<PairingProve>(json).Proof.Length,
            3 => PairingJson.Read<PairingDone>(json).Proof.Length,
            _ => PairingJson.Read<ApprovalStatus>(json).Name.Length,
        });

    public static FuzzTarget Control(int weight) => Make(
        "control",
        weight,
        [
            Json(new PollRequest
            {
                IntervalSeconds = 30, RunningScans = 0, Proposal = CommunicationDirection.ConsoleToEngine,
            }),
            Json(new ScanStart
            {
                ScanId = Guid.NewGuid(), Attempt = 1, Targets = ["10.0.0.0/24", "h.example"], Ports = "22,80",
                TimeoutMs = 1000, Parallelism = 8, MaxRate = 0, BannerTimeoutMs = 100,
                Scanner = ScannerKind.Nmap,
            }),
            Json(new ScanSync { Scans = [new ScanSyncItem { ScanId = Guid.NewGuid(), Attempt = 1, LastBatch = 3 }] }),
            Json(new DirectionPrepare
            {
                ChangeId = Guid.NewGuid(), Epoch = 2, To = CommunicationDirection.EngineToConsole,
                ConsoleAddress = "10.0.0.1", ConsolePort = 40815, ListenPort = 40814,
            }),
        ],
        typeof(ScanStart), typeof(ScanSyncItem), typeof(DirectionPrepare),
        (kind, json) =>
        {
            switch (kind)
            {
                case 0: return WireJson.Read<PollRequest>(json).IntervalSeconds > 0 ? 1 : 0;
                case 1: return ScanPlan.Create(WireJson.Read<ScanStart>(json).ToRequest()).Units > 0 ? 1 : 0;
                case 2: return WireJson.Read<ScanSync>(json).Scans.Count;
                case 3: return WireJson.Read<DirectionPrepare>(json).To == default ? 1 : 0;
                case 4: return WireJson.Read<DirectionOutcome>(json).Direction == default ? 1 : 0;
                case 5: return WireJson.Read<ScanStop>(json).Attempt > 0 ? 1 : 0;
                case 6: return WireJson.Read<ScanSyncReply>(json).Missing.Count;
                case 7: return WireJson.Read<PollReply>(json).Work ? 1 : 0;
                case 8: return WireJson.Read<DirectionPrepared>(json).ListenPort is null ? 1 : 0;
                default: return WireJson.Read<Done>(json) is null ? 1 : 0;
            }
        });

    /// <summary>The messages that came after the first ones: certificates, firewalls, a scan that waits.</summary>
    public static FuzzTarget Duties(int weight)
    {
        using NodeIdentity announced = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        var proof = new CertificateProof
        {
            Role = NodeRole.Engine,
            NodeId = Guid.Empty,
            PairingId = Guid.Empty,
            Present = announced.Fingerprint,
            Receiver = announced.Fingerprint,
            Nonce = new byte[CertificateProof.NonceLength],
        };
        return Make(
            "duties",
            weight,
            [
                Json(new CertificateAnnounce
                {
                    PublicKey = announced.Certificate.PublicKey.ExportSubjectPublicKeyInfo(),
                    Signature = proof.Sign(announced),
                    InUse = true,
                }),
                Json(new CertificateNonce { Nonce = new byte[32] }),
                Json(new ScanHeld { ScanId = Guid.NewGuid(), Attempt = 1, Held = true }),
                Json(new HostFirewallFacts { Provider = "Nftables", DeniesOutbound = true }),
                Json(new DirectionPrepared
                {
                    Firewall = new PreparedFirewall
                    {
                        State = "Done",
                        Rules = [new PreparedRule { RuleId = "sea-0123456789ab", Change = "Add", Outcome = "Applied" }],
                    },
                }),
            ],
            typeof(CertificateAnnounce), typeof(ScanHeld), typeof(PreparedRule),
            (kind, json) =>
            {
                switch (kind)
                {
                    case 0 or 1 or 2 or 3:
                        CertificateAnnounce announce = WireJson.Read<CertificateAnnounce>(json);
                        return proof.Verify(announce.PublicKey, announce.Signature) is null ? 0 : 1;
                    case 4: return WireJson.Read<CertificateNonce>(json).Nonce.Length;
                    case 5: return WireJson.Read<ScanHeld>(json).Held ? 1 : 0;
                    case 6: return WireJson.Read<HostFirewallFacts>(json).Provider?.Length ?? 0;
                    default: return WireJson.Read<DirectionPrepared>(json).Firewall?.ToReport().Rules.Count ?? 0;
                }
            });
    }

    private static string Hello =>
        $$$"""
        {"role":"engine","nodeId":"{{{Id}}}","name":"plant-7","product":"1.0","bootId":"{{{Id}}}","minVersion":1,
        "maxVersion":1,"properties":{"pairing":"x"}}
        """;

    private static string Json<T>(T message)
        where T : class => Encoding.UTF8.GetString(WireJson.Write(message));

    private static FuzzTarget Make(
        string name, int weight, string[] seeds, Type first, Type second, Type third, Func<int, byte[], int> read)
    {
        IEnumerable<string> members = new[] { first, second, third }.SelectMany(type => type.GetProperties())
            .Select(property => $"\"{char.ToLowerInvariant(property.Name[0])}{property.Name[1..]}\":");
        IEnumerable<byte[]> all = Enumerable.Range(0, 10).SelectMany(kind => seeds.Select(seed => With(kind, seed)));
        return new FuzzTarget(name, weight, all.ToArray(), FuzzTargets.Texts([.. Structure, .. members]), input =>
        {
            try
            {
                return input.Length == 0 ? 0 : (input[0] % 10 * 1000) + Math.Min(999, read(input[0] % 10, input[1..]));
            }
            catch (Exception e) when (e is PeerRequestException or ScanEngineException
                || (e is FormatException && name is "handshake" or "pairing"))
            {
                return ((input[0] % 10) * 31) + FuzzTargets.Outcome(
                    $"{e.GetType().Name}{e.Message[..Math.Min(60, e.Message.Length)]}"
                    + e.InnerException?.Message.Split('.')[0]);
            }
        })
        {
            // Reading a message may make a plan of its targets and ports.
            MaxAllocated = 4 * 1024 * 1024,
            MaxAllocatedPerByte = 4096,
        };
    }

    private static byte[] With(int kind, string json) => [(byte)kind, .. Encoding.UTF8.GetBytes(json)];
}
