using ScanEngineAdmin.Module.Tests.Pester;
using Xunit.Sdk;
using Xunit.v3;

// Pester's suites run side by side. What hosts PowerShell has the process for itself, by an attribute on each class:
// cultures and load contexts are the whole process' own.
[assembly: Parallelization(Mode = ParallelMode.All, MaxThreads = PesterTests.AtOnce)]

// They host PowerShell, or start it.
[assembly: Trait("Speed", "Slow")]
