using Xunit.Sdk;
using Xunit.v3;

// Every one of them starts real processes.
[assembly: Trait("Speed", "Slow")]

// Most of their time those are waited for: the tests of one class run side by side as well.
[assembly: Parallelization(Mode = ParallelMode.All, MaxThreads = 4)]
