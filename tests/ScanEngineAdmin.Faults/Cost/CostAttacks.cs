using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using ScanEngineAdmin.Faults.Attack;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults.Cost;

/// <summary>
/// The costliest certificates that TLS reads whole or in part before this node may refuse them, against one like a
/// node's own: the processor time of the acceptor for each, measured in turns while the strangers are another process.
/// </summary>
internal static class CostAttacks
{
    private const string Plain = "plain";
    private const int Rounds = 3;
    private const int Handshakes = 15;

    /// <summary>What a stranger costs at most, in handshakes of a node.</summary>
    private const double Most = 10;

    public static IReadOnlyDictionary<string, Func<CostlyCertificate>> Kinds { get; } =
        new Dictionary<string, Func<CostlyCertificate>>
        {
            [Plain] = () => CostlyCertificate.Curve(ECCurve.NamedCurves.nistP256),
            ["p384"] = () => CostlyCertificate.Curve(ECCurve.NamedCurves.nistP384),
            ["p521"] = () => CostlyCertificate.Curve(ECCurve.NamedCurves.nistP521),
            ["rsa3072"] = () => CostlyCertificate.Rsa(3072),
            ["rsa4096"] = () => CostlyCertificate.Rsa(4096),
            ["exponent1024"] = () => CostlyCertificate.Exponent(1024),
            ["exponent1536"] = () => CostlyCertificate.Exponent(1536),
            ["exponent2048"] = () => CostlyCertificate.Exponent(2048),
            ["exponent3072"] = () => CostlyCertificate.Exponent(3072),
            ["chain1"] = () => CostlyCertificate.Chain(1),
            ["chain2"] = () => CostlyCertificate.Chain(2),
            ["chain12"] = () => CostlyCertificate.Chain(12),
            ["extension"] = () => CostlyCertificate.Extension(700),
            ["subject"] = () => CostlyCertificate.Subject(700),
        };

    public static IReadOnlyList<AttackCase> All { get; } =
    [
        new("the worst handshake in plain ones (console)", stage => WorstAsync(stage, stage.ConsoleNode.EndPoint)),
        new("the worst handshake in plain ones (engine)", stage => WorstAsync(stage, stage.StandardNode.EndPoint!)),
    ];

    private static async Task<string> WorstAsync(AttackStage stage, IPEndPoint at)
    {
        await using ChildProcess stranger = ChildProcess.Start("show", $"{at}", $"{stage.At(100)}");
        Dictionary<string, List<double>> costs = Kinds.Keys.ToDictionary(kind => kind, _ => new List<double>());
        for (int round = 0; round <= Rounds; round++)
        {
            foreach (string kind in Kinds.Keys)
            {
                // Numbers that differ tell the answers apart.
                int handshakes = Handshakes + round;
                TimeSpan before = Environment.CpuUsage.TotalTime;
                string asked = string.Create(CultureInfo.InvariantCulture, $"{kind} {handshakes}");
                stranger.Say(asked);
                await stranger.LineAsync(asked + " ");
                if (round > 0)
                {
                    // The first of each is compiled meanwhile.
                    costs[kind].Add((Environment.CpuUsage.TotalTime - before).TotalMilliseconds / handshakes);
                }
            }
        }

        double plain = Median(costs[Plain]);
        (string worst, double most) = costs.Select(kind => (kind.Key, Median(kind.Value) / plain)).MaxBy(one => one.Item2);
        string said = string.Create(CultureInfo.InvariantCulture, $"{worst} costs {most:0.0} plain ones of {plain:0.00} ms");
        return most <= Most ? said : throw new AttackException(said);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
