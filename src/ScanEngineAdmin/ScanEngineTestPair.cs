using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.TestPairs;

namespace ScanEngineAdmin;

/// <summary>A console and an engine for tests, on loopback, with what is between them.</summary>
public sealed class ScanEngineTestPair
{
    // Null where nobody filled the object: New-MockObject of Pester makes such.
    private readonly TestPair? _pair;

    internal ScanEngineTestPair(TestPair pair) => _pair = pair;

    /// <summary>The name that the engine goes by at the console.</summary>
    public string EngineName => _pair?.EngineName ?? string.Empty;

    /// <summary>The direction that the pair was made with; a test may have changed it since.</summary>
    public CommunicationDirection Direction => _pair?.Direction ?? default;

    /// <summary>The console's data folder: -DataPath of every cmdlet of a console.</summary>
    public string ConsoleDataPath => _pair?.ConsolePath ?? string.Empty;

    /// <summary>The engine's data folder: -DataPath of every cmdlet of an engine.</summary>
    public string EngineDataPath => _pair?.EnginePath ?? string.Empty;

    /// <summary>Where the two find each other, and whoever tests: both are reached through what injects faults.</summary>
    public string Address { get; } = TestPair.Address;

    public int ConsolePort => _pair?.ConsolePort ?? default;

    public int EnginePort => _pair?.EnginePort ?? default;

    public TestPairFault Fault => _pair?.Fault ?? default;

    /// <summary>How long every byte takes longer than it would.</summary>
    public TimeSpan Delay => _pair?.Delay ?? default;

    /// <summary>The folder that has both.</summary>
    public string DataPath => _pair?.Root ?? string.Empty;

    public override string ToString() => $"Test pair {EngineName} in {DataPath}";
}
