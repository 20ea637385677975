namespace ScanEngineAdmin.Core.Tests;

/// <summary>
/// Tests that count what the process has or does, its memory, files or exceptions: nothing else runs meanwhile.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
