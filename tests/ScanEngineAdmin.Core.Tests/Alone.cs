namespace ScanEngineAdmin.Core.Tests;

/// <summary>
/// Tests that count what the process has, its memory or its files: nothing else runs while they do.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
