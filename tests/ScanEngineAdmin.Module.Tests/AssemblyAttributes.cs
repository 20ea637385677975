using Xunit.Sdk;
using Xunit.v3;

// Cultures and load contexts are the whole process' own.
[assembly: Parallelization(Mode = ParallelMode.None)]

// They host PowerShell, or start it.
[assembly: Trait("Speed", "Slow")]
