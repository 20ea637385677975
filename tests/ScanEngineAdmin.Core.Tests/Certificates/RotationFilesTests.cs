using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Certificates;

/// <summary>The files of a replacement, with a kill before every step on disk.</summary>
public sealed class RotationFilesTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    private string Folder => _temporary.Path;

    public void Dispose() => _temporary.Dispose();

    public static TheoryData<CertificatePhase> Ends { get; } =
        [CertificatePhase.Finishing, CertificatePhase.RollingBack];

    [Fact, NeedsLinux]
    public void Prepared_both_keys_are_there_for_this_user_only_and_the_old_one_counts()
    {
        Fingerprint old = Load();

        CertificateRotation rotation = Files().Prepare();

        Assert.Equal(old, rotation.Old);
        Assert.NotEqual(old, rotation.New);
        Assert.Equal((old, rotation.New), Both());
        Assert.Equal(old, IdentityFile.ReadFingerprint(Folder));
        foreach (string file in new[] { "next.key", "next.crt", "node.rotation" })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Unix.Mode(_temporary.Below(file)));
        }
    }

    [Fact]
    public void Preparing_again_goes_on_with_what_is_prepared()
    {
        Load();
        Assert.Equal(Files().Prepare(), Files().Prepare());
    }

    [Fact, NeedsLinux]
    public void A_new_key_open_to_others_is_refused_as_the_old_one_is()
    {
        Load();
        Files().Prepare();
        Unix.SetMode(
            _temporary.Below("next.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        ScanEngineException fault = Assert.Throws<ScanEngineException>(() => Load());

        Assert.Equal(FaultCode.KeyReadableByOthers, fault.Code);
    }

    [Fact]
    public void A_state_that_cannot_be_read_is_an_error_and_no_new_node()
    {
        Load();
        Files().Prepare();
        File.WriteAllText(_temporary.Below("node.rotation"), "phase Switched");

        Assert.Equal(FaultCode.KeyDamaged, Assert.Throws<ScanEngineException>(() => Load()).Code);
    }

    [Theory, MemberData(nameof(Ends))]
    public void At_the_end_one_key_is_left_and_the_other_is_gone(CertificatePhase end)
    {
        Load();
        CertificateRotation rotation = Files().Prepare();
        Enter(end);

        Files().Close(rotation.RotationId);

        Assert.Equal(end == CertificatePhase.Finishing ? rotation.New : rotation.Old, Load());
        Assert.Null(RotationFiles.Read(Folder));
        Assert.Equal(
            ["node.crt", "node.id", "node.key", "node.lock"],
            Directory.EnumerateFiles(Folder).Select(Path.GetFileName).Order());
    }

    [Theory, MemberData(nameof(Ends))]
    public void Killed_before_any_step_it_is_what_it_was_or_what_comes_next_and_can_be_carried_to_its_end(
        CertificatePhase end)
    {
        int steps = Steps(end);
        Assert.True(steps >= 11, $"{steps} steps");
        for (int killAt = 0; killAt < steps; killAt++)
        {
            using var folder = new TemporaryFolder();
            (Guid id, NodeIdentity first) = IdentityFile.LoadOrCreate(folder.Path, TimeProvider.System);
            int step = 0;
            bool killed = false;
            var dying = new RotationFiles(folder.Path, TimeProvider.System, _ =>
            {
                if (step++ == killAt)
                {
                    killed = true;
                    throw new KilledException();
                }
            });
            try
            {
                Walk(dying, end);
            }
            catch (KilledException)
            {
                // The process is gone; what is on disk is all there is.
            }

            Assert.True(killed, $"step {killAt} of {steps}");
            (Guid after, NodeIdentity present, NodeIdentity? other, CertificateRotation? rotation) =
                IdentityFile.LoadAll(folder.Path, TimeProvider.System);
            Assert.Equal(id, after);
            Fingerprint[] had = rotation is null ? [present.Fingerprint] : [rotation.Old, rotation.New];
            Assert.Contains(present.Fingerprint, had);
            Assert.Equal(rotation is not null, other is not null);

            Fingerprint? target = Walk(new RotationFiles(folder.Path, TimeProvider.System), end);
            Fingerprint last = IdentityFile.LoadOrCreate(folder.Path, TimeProvider.System).Identity.Fingerprint;
            Assert.Equal(target ?? last, last);
            Assert.Equal(end == CertificatePhase.RollingBack, last == first.Fingerprint);
            Assert.False(File.Exists(folder.Below("next.key")));
        }
    }

    [Fact]
    public void A_copy_of_the_files_is_the_node_with_its_replacement_under_way()
    {
        Load();
        CertificateRotation rotation = Files().Prepare();
        using var elsewhere = new TemporaryFolder();
        foreach ((string name, byte[] content) in IdentityFile.Read(Folder, TimeProvider.System).Files)
        {
            KeyFile.Write(elsewhere.Below(name), System.Text.Encoding.ASCII.GetString(content));
        }

        Assert.Equal(rotation, RotationFiles.Read(elsewhere.Path));
        Assert.Equal(rotation.Old, IdentityFile.LoadOrCreate(elsewhere.Path, TimeProvider.System).Identity.Fingerprint);
        (_, _, NodeIdentity? other, _) = IdentityFile.LoadAll(elsewhere.Path, TimeProvider.System);
        Assert.Equal(rotation.New, other!.Fingerprint);
    }

    /// <summary>As many as there are from the beginning to the end.</summary>
    private static int Steps(CertificatePhase end)
    {
        using var folder = new TemporaryFolder();
        IdentityFile.LoadOrCreate(folder.Path, TimeProvider.System).Identity.Dispose();
        int steps = 0;
        Walk(new RotationFiles(folder.Path, TimeProvider.System, _ => steps++), end);
        return steps;
    }

    /// <summary>From wherever it is to the end, as an admin would; the fingerprint that is to be left.</summary>
    private static Fingerprint? Walk(RotationFiles files, CertificatePhase end)
    {
        CertificateRotation rotation = files.Prepare();
        files.Change(now => now! with
        {
            Phase = now.Phase == CertificatePhase.Prepared ? CertificatePhase.Switched : now.Phase,
            Switched = DateTimeOffset.UnixEpoch,
        });
        rotation = files.Change(now => now! with { Phase = end })!;
        files.Close(rotation.RotationId);
        return rotation.Target;
    }

    private void Enter(CertificatePhase phase) => Files().Change(now => now! with { Phase = phase });

    private RotationFiles Files() => new(Folder, TimeProvider.System);

    private Fingerprint Load() => IdentityFile.LoadOrCreate(Folder, TimeProvider.System).Identity.Fingerprint;

    private (Fingerprint, Fingerprint?) Both()
    {
        (_, NodeIdentity present, NodeIdentity? other, _) = IdentityFile.LoadAll(Folder, TimeProvider.System);
        return (present.Fingerprint, other?.Fingerprint);
    }

    private sealed class KilledException : Exception;
}
