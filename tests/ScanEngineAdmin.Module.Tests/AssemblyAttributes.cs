// Cultures and load contexts are the whole process' own.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
