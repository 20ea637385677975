// Cultures and load contexts are the whole process' own.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

// They host PowerShell, or start it.
[assembly: AssemblyTrait("Speed", "Slow")]
