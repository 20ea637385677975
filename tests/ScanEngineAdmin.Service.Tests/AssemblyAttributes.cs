// Every one of them starts real processes.
[assembly: Trait("Speed", "Slow")]
