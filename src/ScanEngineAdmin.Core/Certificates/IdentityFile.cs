using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>
/// A node's id and key on disk: <c>node.id</c>, <c>node.crt</c> and <c>node.key</c> (0600) in its folder; and while its
/// certificate is replaced <c>next.crt</c>, <c>next.key</c> and <c>node.rotation</c>.
/// </summary>
internal static class IdentityFile
{
    private const string Id = NodeFileNames.Id;
    internal const string Certificate = NodeFileNames.Certificate;
    internal const string Key = NodeFileNames.Key;
    private const string Fresh = ".new";
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // The order in which they get their names: the key says that all three were written, the id that all are in place.
    private static readonly string[] Names = [Key, Certificate, Id];

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
            (Guid nodeId, NodeIdentity present, NodeIdentity? other, _) = LoadAll(folder, time);
            other?.Dispose();
            return (nodeId, present);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw DataFolder.NotWritable(folder, e);
        }
    }

    private static ScanEngineException NotUsable(string folder, KeyStoreException cause) => new(
        FaultCode.KeyNotUsable,
        $"The key in '{folder}' is sound, but Windows' key store does not open for this account: {cause.Message}",
        "Use an account whose profile is loaded (for a scheduled task: one that has logged on; for a service: "
            + "LocalSystem or an account of its own), or run it elevated.",
        folder,
        cause);

    /// <summary>
    /// As <see cref="LoadOrCreate"/>, with the other identity where the certificate is being replaced: the present one
    /// is what the node shows to whoever knows both.
    /// </summary>
    internal static (Guid NodeId, NodeIdentity Present, NodeIdentity? Other, CertificateRotation? Rotation) LoadAll(
        string folder, TimeProvider time)
    {
        // Nobody puts these files in other places while it is held.
        using FolderLock held = Take(folder);
        try
        {
            LoadCode(folder);
            return OwnerRights.In(folder, () => LoadHeld(folder, time));
        }
        catch (KeyStoreException e)
        {
            throw NotUsable(folder, e);
        }
    }

    /// <summary>
    /// What makes and reads keys, loaded before the rights of the folder's owner are taken, who may not be allowed to
    /// read this program: what could not be loaded when it was first needed, never is.
    /// </summary>
    internal static void LoadCode(string folder)
    {
        if (OwnerRights.Of(folder) is not null)
        {
            ProgramCode.LoadAll(typeof(IdentityFile).Assembly);
            using NodeIdentity made = NodeIdentity.Create(Guid.Empty, TimeProvider.System);
            (string certificate, string key) = made.ToPem();
            NodeIdentity.FromPem(certificate, key).Dispose();
        }
    }

    private static (Guid NodeId, NodeIdentity Present, NodeIdentity? Other, CertificateRotation? Rotation) LoadHeld(
        string folder, TimeProvider time)
    {
        if (Names.Any(name => !Exists(folder, name)) && RotationFiles.Read(folder) is null)
        {
            Complete(folder, time);
        }

        RotationFiles.Complete(folder, time);
        (Guid nodeId, NodeIdentity present) = Load(folder);
        if (RotationFiles.Read(folder) is not { } rotation)
        {
            return (nodeId, present, null, null);
        }

        NodeIdentity next = Load(folder, RotationFiles.NextCertificate, RotationFiles.NextKey);
        if (present.Fingerprint != rotation.Old || next.Fingerprint != rotation.New)
        {
            throw Damaged(folder, $"the keys are not those that {RotationFiles.State} names", null);
        }

        return rotation.ShowsNew ? (nodeId, next, present, rotation) : (nodeId, present, next, rotation);
    }

    /// <summary>The identity's fingerprint without its key; empty if it was never made.</summary>
    internal static Fingerprint ReadFingerprint(string folder)
    {
        string path = Path.Combine(folder, Certificate);
        try
        {
            string next = Path.Combine(folder, RotationFiles.NextCertificate);
            path = RotationFiles.Read(folder) is { ShowsNew: true } && File.Exists(next) ? next : path;
            string text = OwnerRights.In(folder, () => OwnFile.ReadText(path));
            using X509Certificate2 certificate = X509Certificate2.CreateFromPem(text);
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

    /// <summary>The node id, which stays when its certificate is replaced; null if it was never made.</summary>
    internal static Guid? ReadId(string folder)
    {
        try
        {
            string text = OwnerRights.In(folder, () => OwnFile.ReadText(Path.Combine(folder, Id)));
            return Guid.TryParse(text.Trim(), out Guid nodeId) ? nodeId : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw DataFolder.NotWritable(folder, e);
        }
    }

    /// <summary>
    /// All files of the identity as they are at one moment, a replacement under way included: whoever has them is this
    /// node.
    /// </summary>
    /// <exception cref="ScanEngineException">KeyReadableByOthers, KeyDamaged, DataFolderNotWritable.</exception>
    internal static (Guid NodeId, Fingerprint Fingerprint, IReadOnlyList<(string Name, byte[] Content)> Files) Read(
        string folder, TimeProvider time)
    {
        try
        {
            using FolderLock changing = Take(folder);
            RotationFiles.Complete(folder, time);
            (Guid nodeId, NodeIdentity identity) = Load(folder);
            identity.Dispose();
            return (nodeId, ReadFingerprint(folder), NodeFileNames.Identity.Where(name => Exists(folder, name))
                .Select(name => (name, OwnFile.ReadBytes(Path.Combine(folder, name)))).ToList());
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw DataFolder.NotWritable(folder, e);
        }
    }

    internal static FolderLock Take(string folder) => FolderLock.Take(folder, "node.lock")
        ?? throw new IOException("Another process is making the node's identity and does not finish.");

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
            OwnFile.Move(Path.Combine(folder, name + Fresh), Path.Combine(folder, name), overwrite: false);
        }
    }

    /// <summary>The identity that is the node's until a replacement is over. The caller holds the lock.</summary>
    internal static (Guid NodeId, NodeIdentity Identity) Load(string folder)
    {
        string[] missing = Names.Where(name => !Exists(folder, name)).ToArray();
        if (missing.Length > 0)
        {
            throw Damaged(folder, $"{string.Join(" and ", missing)} missing in '{folder}'", null);
        }

        if (!Guid.TryParse(OwnFile.ReadText(Path.Combine(folder, Id)).Trim(), out Guid nodeId))
        {
            throw Damaged(folder, $"'{Path.Combine(folder, Id)}' holds no node id", null);
        }

        return (nodeId, Load(folder, Certificate, Key));
    }

    private static NodeIdentity Load(string folder, string certificate, string key)
    {
        if (!Exists(folder, certificate) || !Exists(folder, key))
        {
            throw Damaged(folder, $"{certificate} or {key} missing in '{folder}'", null);
        }

        string keyPath = Path.Combine(folder, key);
        RequireSecret(keyPath);

        try
        {
            return NodeIdentity.FromPem(OwnFile.ReadText(Path.Combine(folder, certificate)), OwnFile.ReadText(keyPath));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Damaged(folder, $"'{keyPath}' and {certificate} hold no P-256 key with its certificate", e);
        }
    }

    private static void RequireSecret(string keyPath)
    {
        bool isOpen = OperatingSystem.IsWindows()
            ? FolderRights.OtherReader(keyPath) is not null
            : (File.GetUnixFileMode(keyPath) & Others) != 0;
        if (isOpen)
        {
            string close = OperatingSystem.IsWindows()
                ? $"icacls \"{keyPath}\" /inheritance:r /grant:r Administrators:F SYSTEM:F \"%USERNAME%:F\""
                : $"chmod 600 '{keyPath}'";
            throw new ScanEngineException(
                FaultCode.KeyReadableByOthers,
                $"The private key '{keyPath}' is open to other users: whoever reads it is this node.",
                $"{close}    # if others may have read it, make a new identity and pair again",
                keyPath);
        }
    }

    private static bool Exists(string folder, string name) => OwnFile.Exists(Path.Combine(folder, name));

    internal static ScanEngineException Damaged(string folder, string what, Exception? cause) => new(
        FaultCode.KeyDamaged,
        $"The node's identity is damaged: {what}.",
        $"Restore node.id, node.crt and node.key (with next.crt, next.key and node.rotation, where there are any) in "
            + $"'{folder}' from a backup; or remove them all, which makes a new node that has to be paired again.",
        folder,
        cause);
}
