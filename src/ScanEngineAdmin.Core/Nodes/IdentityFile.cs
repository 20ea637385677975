using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// A node's id and key on disk: <c>node.id</c>, <c>node.crt</c> and <c>node.key</c> (0600) in its folder.
/// </summary>
public static class IdentityFile
{
    private const string Id = "node.id";
    private const string Certificate = "node.crt";
    private const string Key = "node.key";
    private const string Fresh = ".new";
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // The order in which they get their names: the key says that all three were written, the id that all are in place.
    private static readonly string[] Names = [Key, Certificate, Id];

    // Making a key takes milliseconds; a process that was stopped in the middle of it must not stop this one for ever.
    private const int MakingPatience = 1000;
    private static readonly TimeSpan MakingPause = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Loads the node's id and identity, or makes them at first use (atomically: two processes agree on one).
    /// </summary>
    /// <exception cref="ScanEngineException">KeyReadableByOthers, KeyDamaged, DataFolderNotWritable.</exception>
    public static (Guid NodeId, NodeIdentity Identity) LoadOrCreate(string folder, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(time);
        try
        {
            if (Names.Any(name => !Exists(folder, name)))
            {
                using FolderLock making = Take(folder);
                Complete(folder, time);
            }

            return Load(folder);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw DataFolder.NotWritable(folder, e);
        }
    }

    /// <summary>The identity's fingerprint without its key; empty if it was never made.</summary>
    internal static Fingerprint ReadFingerprint(string folder)
    {
        string path = Path.Combine(folder, Certificate);
        try
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(path));
            return Fingerprint.Of(certificate);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return default;
        }
        catch (CryptographicException e)
        {
            throw Damaged(folder, $"'{path}' holds no certificate", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw DataFolder.NotWritable(folder, e);
        }
    }

    /// <summary>Whether a file of that name belongs to an identity; what is being made or locked does not.</summary>
    internal static bool IsPart(string name) => name.Length is > 5 and <= 64
        && name.StartsWith("node.", StringComparison.Ordinal)
        && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '.' or '-')
        && !name.EndsWith(".lock", StringComparison.Ordinal) && !name.EndsWith(Fresh, StringComparison.Ordinal);

    /// <summary>All files of the identity as they are at one moment: whoever copies a node copies these.</summary>
    /// <exception cref="ScanEngineException">KeyReadableByOthers, KeyDamaged, DataFolderNotWritable.</exception>
    internal static (Guid NodeId, Fingerprint Fingerprint, IReadOnlyList<(string Name, byte[] Content)> Files) Read(
        string folder)
    {
        try
        {
            using FolderLock changing = Take(folder);
            (Guid nodeId, NodeIdentity identity) = Load(folder);
            using (identity)
            {
                return (nodeId, identity.Fingerprint, Directory.GetFiles(folder)
                    .Select(path => Path.GetFileName(path)!).Where(IsPart).Order(StringComparer.Ordinal)
                    .Select(name => (name, File.ReadAllBytes(Path.Combine(folder, name)))).ToList());
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw DataFolder.NotWritable(folder, e);
        }
    }

    private static FolderLock Take(string folder)
    {
        for (int attempt = 0; attempt < MakingPatience; attempt++)
        {
            if (FolderLock.TryTake(folder, "node.lock") is { } taken)
            {
                return taken;
            }

            Thread.Sleep(MakingPause);
        }

        throw new IOException("Another process is making the node's identity and does not finish.");
    }

    private static void Complete(string folder, TimeProvider time)
    {
        if (!Names.Any(name => Exists(folder, name)))
        {
            var nodeId = Guid.NewGuid();
            using NodeIdentity identity = NodeIdentity.Create(nodeId, time);
            (string certificate, string key) = identity.ToPem();
            KeyFile.Write(Path.Combine(folder, Key + Fresh), key);
            KeyFile.Write(Path.Combine(folder, Certificate + Fresh), certificate);
            KeyFile.Write(Path.Combine(folder, Id + Fresh), nodeId.ToString("D"));
        }
        else if (!Exists(folder, Key))
        {
            return;
        }

        // Also finishes what a process began that was killed between two of these.
        foreach (string name in Names.Where(name => !Exists(folder, name) && Exists(folder, name + Fresh)))
        {
            File.Move(Path.Combine(folder, name + Fresh), Path.Combine(folder, name), overwrite: false);
        }
    }

    private static (Guid NodeId, NodeIdentity Identity) Load(string folder)
    {
        string[] missing = Names.Where(name => !Exists(folder, name)).ToArray();
        if (missing.Length > 0)
        {
            throw Damaged(folder, $"{string.Join(" and ", missing)} missing in '{folder}'", null);
        }

        string keyPath = Path.Combine(folder, Key);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(keyPath) & Others) != 0)
        {
            throw new ScanEngineException(
                FaultCode.KeyReadableByOthers,
                $"The private key '{keyPath}' is open to other users: whoever reads it is this node.",
                $"chmod 600 '{keyPath}'    # if others may have read it, make a new identity and pair again",
                keyPath);
        }

        if (!Guid.TryParse(File.ReadAllText(Path.Combine(folder, Id)).Trim(), out Guid nodeId))
        {
            throw Damaged(folder, $"'{Path.Combine(folder, Id)}' holds no node id", null);
        }

        try
        {
            return (nodeId, NodeIdentity.FromPem(
                File.ReadAllText(Path.Combine(folder, Certificate)), File.ReadAllText(keyPath)));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Damaged(folder, $"'{keyPath}' and {Certificate} hold no P-256 key with its certificate", e);
        }
    }

    private static bool Exists(string folder, string name) => File.Exists(Path.Combine(folder, name));

    private static ScanEngineException Damaged(string folder, string what, Exception? cause) => new(
        FaultCode.KeyDamaged,
        $"The node's identity is damaged: {what}.",
        $"Restore node.id, node.crt and node.key in '{folder}' from a backup; or remove all three, which makes a new "
            + "node that has to be paired again.",
        folder,
        cause);
}
