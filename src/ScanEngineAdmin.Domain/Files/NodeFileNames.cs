namespace ScanEngineAdmin.Domain.Files;

/// <summary>The names of the files that hold a node's identity and its store, in the folder of the node.</summary>
internal static class NodeFileNames
{
    /// <summary>The store, in an export as well as in the folder.</summary>
    public const string Store = "store.db";
    public const string Id = "node.id";
    public const string Certificate = "node.crt";
    public const string Key = "node.key";
    public const string NextCertificate = "next.crt";
    public const string NextKey = "next.key";
    public const string Rotation = "node.rotation";

    /// <summary>
    /// All that an identity can consist of, in the order in which a copy is put in place: the file that says that
    /// others are there comes last.
    /// </summary>
    public static IReadOnlyList<string> Identity { get; } = [NextKey, NextCertificate, Rotation, Key, Certificate, Id];

    public static bool IsIdentity(string name) => Identity.Contains(name);
}
