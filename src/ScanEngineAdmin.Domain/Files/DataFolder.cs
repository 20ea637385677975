using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// Where a node keeps what it has: <c>console/</c> and <c>engine/</c> below one root. The root is what was asked for,
/// else <c>SCANENGINEADMIN_DATA</c>, else the machine-wide folder of the OS where it exists or may be made, else the
/// user's own. A machine-wide store that exists is used or refused with its own error, never passed over in silence.
/// Looking makes nothing: the machine-wide folder is made by the first command that writes, and only for a user who has
/// no folder of his own yet. One that was made by a mere look would hide every user's own from then on.
/// </summary>
internal sealed class DataFolder
{
    /// <summary>Names the root when no path is given.</summary>
    public const string EnvironmentVariable = "SCANENGINEADMIN_DATA";

    private string? _mayMake;

    private DataFolder(string root, string? mayMake = null) => (Root, _mayMake) = (root, mayMake);

    /// <summary>Before anything is written it may be the user's own although the machine-wide one will be made.
    /// </summary>
    public string Root { get; private set; }

    public string Console => Path.Combine(Root, "console");

    public string Engine => Path.Combine(Root, "engine");

    /// <summary>Where a data folder is that nobody has named: the machine-wide one and this user's.</summary>
    internal static IReadOnlyList<string> Usual => [MachineWide(), PerUser()];

    /// <exception cref="ScanEngineException">DataFolderInvalid, DataFolderNotWritable.</exception>
    public static DataFolder Resolve(string? dataPath) => Resolve(
        dataPath, Environment.GetEnvironmentVariable(EnvironmentVariable), MachineWide(), PerUser());

    /// <summary>Makes the console's folder where it is missing, and returns it.</summary>
    /// <exception cref="ScanEngineException">DataFolderInvalid, DataFolderNotWritable.</exception>
    public string EnsureConsole()
    {
        Decide();
        string folder = Ensure(Console);
        FolderSwap.Finish(folder);
        return folder;
    }

    /// <summary>
    /// The folder of a store that somebody looks into: as above, but one that is there on a file system without writing
    /// (a backup, a snapshot) is taken as it is. The store itself then refuses what would be written.
    /// </summary>
    /// <exception cref="ScanEngineException">DataFolderInvalid, DataFolderNotWritable.</exception>
    internal string LookConsole() => IsReadOnly(Console) ? Console : EnsureConsole();

    /// <summary>As <see cref="LookConsole"/>.</summary>
    internal string LookEngine() => IsReadOnly(Engine) ? Engine : EnsureEngine();

    /// <summary>Makes the engine's folder where it is missing, and returns it.</summary>
    /// <exception cref="ScanEngineException">DataFolderInvalid, DataFolderNotWritable.</exception>
    public string EnsureEngine()
    {
        Decide();
        return Ensure(Engine);
    }

    internal static DataFolder Resolve(string? dataPath, string? environment, string machineWide, string perUser)
    {
        if (dataPath is not null)
        {
            return Named(dataPath);
        }

        if (!string.IsNullOrWhiteSpace(environment))
        {
            return Named(environment);
        }

        if (File.Exists(machineWide))
        {
            throw Invalid(machineWide, "is a file");
        }

        return Directory.Exists(machineWide) ? Usable(machineWide) : new DataFolder(Named(perUser).Root, machineWide);
    }

    /// <summary>The folder may not be used by this user, or its disk has no room.</summary>
    internal static ScanEngineException NotWritable(string path, Exception? cause) => FullDisk.Is(cause)
        ? FullDisk.Fault(path, cause)
        : new ScanEngineException(
            FaultCode.DataFolderNotWritable,
            $"The data folder '{path}' cannot be used by {UserName()}: {cause?.Message ?? "access is denied"}",
            "Run as the user that owns the folder (or elevated), or name another one: -DataPath <folder>, "
                + $"or the environment variable {EnvironmentVariable}.",
            path,
            cause);

    // In a container a user may have a number and no name.
    private static string UserName() => Environment.UserName is { Length: > 0 } name ? name : "this user";

    private static DataFolder Named(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal))
        {
            throw Invalid(path, "is not a path");
        }

        string root;
        try
        {
            root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or PathTooLongException)
        {
            throw Invalid(path, "is not a path", e);
        }

        if (File.Exists(root))
        {
            throw Invalid(root, "is a file");
        }

        return Directory.Exists(root) ? Usable(root) : new DataFolder(root);
    }

    /// <summary>Something is written now: from here on the root is settled.</summary>
    private void Decide()
    {
        // Making it is the only question the OS answers truly; what may not be made is no machine-wide store.
        if (_mayMake is { } machineWide && !Directory.Exists(Root)
            && (Directory.Exists(machineWide) || TryMake(machineWide)))
        {
            Root = machineWide;
        }

        _mayMake = null;
    }

    // A host may give its console and its engine to different users below a root that neither owns.
    private static DataFolder Usable(string root)
    {
        var folder = new DataFolder(root);
        Exception? cause = null;
        foreach (string path in new[] { root, folder.Console, folder.Engine })
        {
            if (Directory.Exists(path))
            {
                Exception? refused = TryRead(path);
                if (refused is null)
                {
                    return folder;
                }

                cause ??= refused;
            }
        }

        throw NotWritable(root, cause);
    }

    private string Ensure(string path)
    {
        try
        {
            FolderAccess.Enter(path);
            OwnerRights.In(path, () =>
            {
                // One after the other: the mode is given to the last folder of a path only.
                Make(Root);
                Make(path);
            });

            // What was made just now, or by somebody else meanwhile.
            FolderAccess.Enter(path);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw File.Exists(path) ? Invalid(path, "is a file", e) : NotWritable(path, e);
        }

        return TryWrite(path) is { } refused ? throw NotWritable(path, refused) : path;
    }

    private static void Make(string path)
    {
        // Else what an admin has opened on purpose would be closed again.
        if (Directory.Exists(path))
        {
            return;
        }

        FolderRights.MakeFolder(path);
    }

    private static bool TryMake(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows() && !FolderRights.IsElevated)
            {
                // %ProgramData% lets every user make it, and own what the service would trust later.
                return false;
            }

            Make(path);
            return true;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }

    // EROFS; on Windows ERROR_WRITE_PROTECT. A folder that only this user may not write is refused as before.
    private static bool IsReadOnly(string path) =>
        Directory.Exists(path) && TryWrite(path) is IOException refused
        && (OperatingSystem.IsWindows() ? (refused.HResult & 0xFFFF) == 19 : refused.HResult == 30);

    private static Exception? TryRead(string path)
    {
        try
        {
            _ = Directory.EnumerateFileSystemEntries(path).Any();
            return null;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return e;
        }
    }

    private static Exception? TryWrite(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            return FolderAccess.WhyNotWritable(path);
        }

        try
        {
            using var probe = new FileStream(
                Path.Combine(path, $".probe-{Guid.NewGuid():N}"),
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None,
                bufferSize: 1,
                FileOptions.DeleteOnClose);
            return null;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return e;
        }
    }

    private static ScanEngineException Invalid(string path, string why, Exception? cause = null) => new(
        FaultCode.DataFolderInvalid,
        $"The data folder '{path}' {why}.",
        $"Name a folder: -DataPath <folder>, or the environment variable {EnvironmentVariable}.",
        path,
        cause);

    private static string MachineWide()
    {
        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "ScanEngineAdmin");
        }

        return OperatingSystem.IsMacOS()
            ? "/Library/Application Support/ScanEngineAdmin"
            : "/var/lib/scanengineadmin";
    }

    private static string PerUser() => Path.Combine(
        Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "scanengineadmin");
}
