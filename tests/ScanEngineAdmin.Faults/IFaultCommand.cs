namespace ScanEngineAdmin.Faults;

/// <summary>One proof by faults, as a command. Every command of this assembly is found by itself.</summary>
internal interface IFaultCommand
{
    string Name { get; }

    /// <summary>One line for the list of commands.</summary>
    string Purpose { get; }

    /// <summary>
    /// Ends with 0 for PASS, 1 for FAIL, 77 when this machine lacks what it needs (said aloud), 2 for bad arguments.
    /// </summary>
    Task<int> RunAsync(IReadOnlyList<string> args);
}
