// Every one of them starts real processes.
[assembly: AssemblyTrait("Speed", "Slow")]
