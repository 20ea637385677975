using System.Collections;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the names of pools, with the engines that are in each.</summary>
internal sealed class PoolNameCompleter : StoreCompleter
{
    // A tip is a line.
    private const int MostNames = 5;

    private protected override IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed) =>
        StoreReader.Read<(string, string)>(bound, store => [.. store.ListPools().Select(pool =>
        {
            string[] engines = [.. store.ListPoolMembers(pool.PoolId).Select(static member => member.Name)];
            string more = engines.Length > MostNames ? ", ..." : string.Empty;
            return (pool.Name, $"{pool.Name} ({engines.Length} engines: {string.Join(", ", engines.Take(MostNames))}{more})");
        })]);
}
