namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// Where a node keeps what it has: <c>console/</c> and <c>engine/</c> below one root. The root is what was asked for,
/// else <c>SCANENGINEADMIN_DATA</c>, else the machine-wide folder of the OS where it exists or may be made, else the
/// user's own. A machine-wide store that exists is used or refused with its own error, never passed over in silence.
/// </summary>
public sealed class DataFolder
{
    private DataFolder(string root) => Root = root;

    public string Root { get; }

    public string Console => Path.Combine(Root, "console");

    public string Engine => Path.Combine(Root, "engine");

    /// <exception cref="ScanEngineException">DataFolderInvalid, DataFolderNotWritable.</exception>
    public static DataFolder Resolve(string? dataPath) => throw new NotImplementedException(new DataFolder(dataPath!).Root);
}
