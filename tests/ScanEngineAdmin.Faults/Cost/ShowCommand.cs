using System.Globalization;
using System.Net;
using ScanEngineAdmin.Channel.Wire;
using ScanEngineAdmin.Faults.Attack;

namespace ScanEngineAdmin.Faults.Cost;

/// <summary>
/// <c>show ENDPOINT FROM</c>: shows certificates to a node from a process of its own, so that what the node's process
/// spends is the node's alone. Each line of its input is a kind and a number of handshakes; it answers with how many of
/// them were answered by a frame.
/// </summary>
internal sealed class ShowCommand : IFaultCommand
{
    public string Name => "show";

    public string Purpose => string.Empty;

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        IPEndPoint at = IPEndPoint.Parse(args[0]);
        IPAddress from = IPAddress.Parse(args[1]);

        // A hello that is none: refused at once, so that no handshake waits for its time to be over.
        byte[] hello = Attacker.Frame(FrameKind.Hello, 0, (byte)'{');
        while (await Console.In.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ');
            using CostlyCertificate shown = CostAttacks.Kinds[words[0]]();
            int answered = 0;
            for (int i = 0; i < int.Parse(words[1], CultureInfo.InvariantCulture); i++)
            {
                answered += await TlsAttacks.TryAsync(at, shown, from, hello) ? 1 : 0;
            }

            await Console.Out.WriteLineAsync($"{line} {answered}");
        }

        return 0;
    }
}
