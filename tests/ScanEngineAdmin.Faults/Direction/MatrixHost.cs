using System.Net;
using ScanEngineAdmin.Faults.Lab;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Direction;

/// <summary>One host of the lab: its network, its firewall, and the node there, through all its restarts.</summary>
internal sealed class MatrixHost(string role, string folder, IPEndPoint listen, NetworkNamespace space)
    : IAsyncDisposable
{
    private readonly List<ChildProcess> _lives = [];

    public NetworkNamespace Space { get; } = space;

    public HostPacketFilter Filter { get; } =
        new(space, DirectionLab.ConsolePort, DirectionLab.EnginePort, DirectionLab.OtherPort);

    public int Kills { get; private set; }

    public IReadOnlyList<TcpTable> Sockets => TcpTable.Of(Node.Id);

    /// <summary>What its processes said, one after the other.</summary>
    public IEnumerable<string> Log => _lives.SelectMany(
        (life, number) => life.Lines.Prepend($"-- {role}, process {number + 1}"));

    private ChildProcess Node => _lives[^1];

    public async Task StartAsync()
    {
        _lives.Add(ChildProcess.StartIn(Space.Name, "host", role, folder, listen.ToString()));
        await Node.LineAsync("READY");
    }

    public async Task KillAsync()
    {
        await Node.KillAsync();
        Kills++;
    }

    public async Task PairAsync(IPEndPoint peer, string engineName, string secret)
    {
        Node.Say($"pair {peer} {engineName} {secret}");
        await Node.LineAsync("PAIRED");
    }

    /// <summary>Makes the node wait when it reaches that phase.</summary>
    public async Task ArmAsync(Phase phase)
    {
        Node.Say($"arm {phase}");
        await Node.LineAsync("ARMED");
    }

    public Task ReachedAsync(Phase phase) => Node.LineAsync($"AT {phase}");

    public void Go() => Node.Say("go");

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess life in _lives)
        {
            await life.DisposeAsync();
        }

        _lives.Clear();
    }
}
