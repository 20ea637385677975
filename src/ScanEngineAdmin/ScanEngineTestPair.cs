using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.TestPairs;

namespace ScanEngineAdmin;

/// <summary>A console and an engine for tests, on loopback, with what is between them.</summary>
public sealed class ScanEngineTestPair
{
    private readonly TestPair _pair;

    internal ScanEngineTestPair(TestPair pair) => _pair = pair;

    /// <summary>The name that the engine goes by at the console.</summary>
    public string EngineName => _pair.EngineName;

    /// <summary>The direction that the pair was made with; a test may have changed it since.</summary>
    public CommunicationDirection Direction => _pair.Direction;

    /// <summary>The console's data folder: -DataPath of every cmdlet of a console.</summary>
    public string ConsoleDataPath => _pair.ConsolePath;

    /// <summary>The engine's data folder: -DataPath of every cmdlet of an engine.</summary>
    public string EngineDataPath => _pair.EnginePath;

    /// <summary>Where the two find each other, and whoever tests: both are reached through what injects faults.</summary>
    public string Address { get; } = TestPair.Address;

    public int ConsolePort => _pair.ConsolePort;

    public int EnginePort => _pair.EnginePort;

    public TestPairFault Fault => _pair.Fault;

    /// <summary>How long every byte takes longer than it would.</summary>
    public TimeSpan Delay => _pair.Delay;

    /// <summary>The folder that has both.</summary>
    public string DataPath => _pair.Root;

    public override string ToString() => $"Test pair {EngineName} in {DataPath}";
}
