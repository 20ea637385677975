using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Nodes;

public sealed class IdentityFileTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void The_identity_stays_the_same_over_restarts()
    {
        (Guid id, NodeIdentity identity) = Load();
        (Guid again, NodeIdentity same) = Load();

        Assert.NotEqual(Guid.Empty, id);
        Assert.Equal(id, again);
        Assert.Equal(identity.Fingerprint, same.Fingerprint);
        Assert.Equal(identity.Fingerprint, IdentityFile.ReadFingerprint(_temporary.Path));
        Assert.True(same.Certificate.HasPrivateKey);
    }

    [Fact, NeedsLinux]
    public void Other_users_can_read_no_file_of_an_identity()
    {
        Load();

        foreach (string file in new[] { "node.id", "node.crt", "node.key" })
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite, Unix.Mode(_temporary.Below(file)));
        }
    }

    [Fact]
    public async Task Many_at_first_use_agree_on_one()
    {
        using var start = new ManualResetEventSlim();
        Task<(Guid, Fingerprint)>[] loads = Enumerable.Range(0, 6).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.Wait();
                (Guid id, NodeIdentity identity) = Load();
                return (id, identity.Fingerprint);
            },
            TaskCreationOptions.LongRunning)).ToArray();

        start.Set();
        (Guid, Fingerprint)[] all = await Task.WhenAll(loads).WaitAsync(TimeSpan.FromMinutes(3));

        Assert.Single(all.Distinct());
    }

    [Theory, NeedsLinux]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_key_open_to_others_is_refused_with_the_command_that_helps(UnixFileMode open)
    {
        Load();
        string key = _temporary.Below("node.key");
        Unix.SetMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | open);

        ScanEngineException fault = Assert.Throws<ScanEngineException>(() => Load());

        Assert.Equal(FaultCode.KeyReadableByOthers, fault.Code);
        Assert.StartsWith($"chmod 600 '{key}'", fault.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node.id")]
    [InlineData("node.crt")]
    [InlineData("node.key")]
    public void A_missing_file_is_named_and_never_made_anew(string name)
    {
        Load();
        File.Delete(_temporary.Below(name));

        ScanEngineException fault = Assert.Throws<ScanEngineException>(() => Load());

        Assert.Equal(FaultCode.KeyDamaged, fault.Code);
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_temporary.Below(name)));
    }

    [Theory]
    [InlineData("node.id")]
    [InlineData("node.crt")]
    [InlineData("node.key")]
    public void A_damaged_file_is_an_error_that_does_not_show_it(string name)
    {
        Load();
        File.WriteAllText(_temporary.Below(name), "not what it was");

        ScanEngineException fault = Assert.Throws<ScanEngineException>(() => Load());

        Assert.Equal(FaultCode.KeyDamaged, fault.Code);
        Assert.DoesNotContain("not what it was", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node.crt", "node.id")]
    [InlineData("node.id")]
    public void What_a_killed_process_had_begun_is_finished(params string[] unnamed)
    {
        (Guid id, NodeIdentity identity) = Load();
        foreach (string name in unnamed)
        {
            File.Move(_temporary.Below(name), _temporary.Below(name + ".new"));
        }

        (Guid finished, NodeIdentity same) = Load();

        Assert.Equal(id, finished);
        Assert.Equal(identity.Fingerprint, same.Fingerprint);
    }

    [Fact, NeedsLinux]
    public void What_was_killed_before_the_key_was_written_in_full_is_made_anew()
    {
        File.WriteAllText(_temporary.Below("node.key.new"), "-----BEGIN PRIV");

        Load();

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, Unix.Mode(_temporary.Below("node.key")));
        Assert.False(File.Exists(_temporary.Below("node.key.new")));
    }

    [Fact]
    public void A_node_that_never_ran_has_no_fingerprint()
    {
        Assert.True(IdentityFile.ReadFingerprint(_temporary.Path).IsEmpty);
    }

    private (Guid NodeId, NodeIdentity Identity) Load() =>
        IdentityFile.LoadOrCreate(_temporary.Path, TimeProvider.System);
}
