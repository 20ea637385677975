using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>
/// The files of a replacement: <c>next.key</c> and <c>next.crt</c> beside the node's own, and <c>node.rotation</c>,
/// which alone says how far it is and is replaced in one step. A process killed between any two steps leaves either
/// what was, or what comes next, or what the next start completes.
/// </summary>
/// <param name="folder">The node's folder.</param>
/// <param name="time">The clock.</param>
/// <param name="before">Called before every step on disk: where a test kills.</param>
internal sealed class RotationFiles(string folder, TimeProvider time, Action<string>? before = null)
{
    internal const string NextKey = NodeFileNames.NextKey;
    internal const string NextCertificate = NodeFileNames.NextCertificate;
    internal const string State = NodeFileNames.Rotation;
    private const string Fresh = ".new";

    /// <summary>The replacement under way; null if there is none.</summary>
    /// <exception cref="ScanEngineException">KeyDamaged, DataFolderNotWritable.</exception>
    public static CertificateRotation? Read(string folder)
    {
        string path = Path.Combine(folder, State);
        if (!File.Exists(path))
        {
            // Asked every other second of every node, and there hardly ever is one.
            return null;
        }

        try
        {
            string text = OwnerRights.In(folder, () => OwnFile.ReadText(path));
            return CertificateRotation.Parse(text) ?? throw IdentityFile.Damaged(
                folder, $"'{path}' does not say how far the replacement of the certificate is", null);
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
    /// Makes the new key and certificate beside the present ones; one that is there already stays.
    /// <paramref name="begins"/> is told of a new one before anybody can see it.
    /// </summary>
    public CertificateRotation Prepare(Action<CertificateRotation>? begins = null) => Locked(rotation =>
    {
        if (rotation is not null)
        {
            return rotation;
        }

        (Guid nodeId, NodeIdentity present) = IdentityFile.Load(folder);
        using (present)
        {
            using NodeIdentity next = NodeIdentity.Create(nodeId, time);
            (string certificate, string key) = next.ToPem();

            // Whatever lies there under these names belongs to a replacement that was never begun, or is over.
            Step("write the new key", () => KeyFile.Write(At(NextKey), key));
            Step("write the new certificate", () => KeyFile.Write(At(NextCertificate), certificate));
            var begun = new CertificateRotation
            {
                RotationId = Guid.NewGuid(),
                Phase = CertificatePhase.Prepared,
                Old = present.Fingerprint,
                New = next.Fingerprint,
                Started = time.GetUtcNow(),
            };
            begins?.Invoke(begun);
            return Save(begun);
        }
    })!;

    /// <summary>
    /// Writes what <paramref name="change"/> makes of it in one step; null, or an error of the change, writes nothing.
    /// </summary>
    public CertificateRotation? Change(Func<CertificateRotation?, CertificateRotation?> change) => Locked(rotation =>
        change(rotation) is { } changed && changed != rotation ? Save(changed) : rotation);

    /// <summary>Every peer has heard the end: the target becomes the only key, the other one is destroyed.</summary>
    public void Close(Guid rotationId) => Locked(rotation =>
    {
        if (rotation?.RotationId == rotationId)
        {
            Complete(rotation.Closing ? rotation : Save(rotation with { Closing = true }));
        }

        return rotation;
    });

    /// <summary>Completes a closing that a killed process had begun. The caller holds the lock.</summary>
    internal static void Complete(string folder, TimeProvider time)
    {
        if (Read(folder) is { Closing: true } closing)
        {
            new RotationFiles(folder, time).Complete(closing);
        }
    }

    private void Complete(CertificateRotation closing)
    {
        if (closing.Phase == CertificatePhase.Finishing)
        {
            Move(NextCertificate, IdentityFile.Certificate);
            Move(NextKey, IdentityFile.Key);
        }
        else
        {
            Step("destroy the new key", () => OwnFile.Delete(At(NextKey)));
            Step("remove the new certificate", () => OwnFile.Delete(At(NextCertificate)));
        }

        Step("forget the replacement", () => OwnFile.Delete(At(State)));
    }

    private void Move(string from, string to)
    {
        if (File.Exists(At(from)))
        {
            Step($"{from} becomes {to}", () => OwnFile.Move(At(from), At(to), overwrite: true));
        }
    }

    private CertificateRotation Save(CertificateRotation rotation)
    {
        Step("write the state aside", () => KeyFile.Write(At(State + Fresh), rotation.Write()));
        Step($"the state becomes {rotation.Phase}", () => OwnFile.Move(At(State + Fresh), At(State), overwrite: true));
        return rotation;
    }

    private CertificateRotation? Locked(Func<CertificateRotation?, CertificateRotation?> work)
    {
        try
        {
            using FolderLock held = IdentityFile.Take(folder);
            IdentityFile.LoadCode(folder);
            return OwnerRights.In(folder, () =>
            {
                Complete(folder, time);
                return work(Read(folder));
            });
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw DataFolder.NotWritable(folder, e);
        }
    }

    private void Step(string name, Action step)
    {
        before?.Invoke(name);
        step();
    }

    private string At(string name) => Path.Combine(folder, name);
}
