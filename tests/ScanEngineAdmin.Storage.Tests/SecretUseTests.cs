using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>Who may use a secret, how often, and what throwing a key out does to it; in both kinds of store.</summary>
public sealed class SecretUseTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly Guid _node = Guid.NewGuid();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_secret_tells_the_first_reason_why_it_cannot_be_used()
    {
        using INodeStore store = Open(console: true);
        SecretRecord secret = Make.Secret() with { EngineName = "Lab", MaxUses = 1 };
        store.AddSecret(secret);
        DateTimeOffset late = secret.ExpiresAt;

        Assert.Equal(SecretUse.NotFound, Use(store, Make.Secret(), 'a', "lab"));
        Assert.Equal(SecretUse.Accepted, Use(store, secret, 'a', "LAB"));
        Assert.Equal(SecretUse.Repeated, Use(store, secret, 'a', "lab", late.AddTicks(-1)));
        Assert.Equal(SecretUse.UsedUp, Use(store, secret, 'b', "lab"));
        Assert.Equal(SecretUse.BoundToAnother, Use(store, secret, 'b', "b"));
        Assert.Equal(SecretUse.Expired, Use(store, secret, 'a', "b", late));
        Assert.True(store.RevokeSecret(secret.SecretId, Make.Now));
        Assert.True(store.RevokeSecret(secret.SecretId, Make.Now.AddDays(1)));
        Assert.Equal(SecretUse.Revoked, Use(store, secret, 'a', "b", late));
        Assert.False(store.RevokeSecret(Guid.NewGuid(), Make.Now));
        Assert.Equal(
            secret with { Uses = 1, Refused = 1, Revoked = Make.Now, ExpiresAt = DateTimeOffset.UnixEpoch },
            store.GetSecret(secret.SecretId)! with { StoredKey = secret.StoredKey, ServerKey = secret.ServerKey });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_use_is_of_a_key_whatever_node_it_claims_to_be(bool console)
    {
        using INodeStore store = Open(console);
        SecretRecord secret = Make.Secret() with { MaxUses = 2 };
        store.AddSecret(secret);

        Assert.Equal(SecretUse.Accepted, Use(store, secret, 'a'));
        Assert.Equal(SecretUse.Repeated, Use(store, secret, 'a'));
        Assert.Equal(SecretUse.Accepted, Use(store, secret, 'b'));
        Assert.Equal(SecretUse.UsedUp, Use(store, secret, 'c'));
        Assert.Equal(SecretUse.UsedUp, Use(store, secret, 'd'));
        Assert.Equal(SecretUse.Repeated, Use(store, secret, 'b'));

        SecretRecord now = store.GetSecret(secret.SecretId)!;
        Assert.Equal((2, 2), (now.Uses, now.Refused));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_use_is_repeated_until_a_channel_proved_the_key(bool console)
    {
        using INodeStore store = Open(console);
        SecretRecord secret = Make.Secret() with { MaxUses = 3 };
        store.AddSecret(secret);
        Use(store, secret, 'a');
        Use(store, secret, 'b');

        store.SeeKey(Key('a'));

        Assert.Equal(SecretUse.Spent, Use(store, secret, 'a'));
        Assert.Equal(SecretUse.Repeated, Use(store, secret, 'b'));
        Assert.Equal(2, store.GetSecret(secret.SecretId)!.Uses);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_key_that_is_thrown_out_takes_its_secrets_along_and_comes_back_by_a_newer_one_only(bool console)
    {
        using INodeStore store = Open(console);
        SecretRecord used = Make.Secret();
        SecretRecord known = Make.Secret();
        SecretRecord others = Make.Secret();
        store.AddSecret(used);
        store.AddSecret(known);
        store.AddSecret(others);
        Use(store, used, 'a');
        Use(store, others, 'b');

        Assert.Equal([used.SecretId], store.ExpelKeys(_node, [Key('a')], Make.Now));

        // The one that it used is nobody's any more; one that it only knows serves others.
        Assert.Equal(SecretUse.Revoked, Use(store, used, 'c'));
        Assert.Equal(SecretUse.Expelled, Use(store, known, 'a'));
        Assert.Equal(SecretUse.Accepted, Use(store, known, 'c'));
        Assert.Equal(SecretUse.Accepted, Use(store, others, 'd'));
        SecretRecord newer = Make.Secret() with { Created = Make.Now.AddYears(-1), ExpiresAt = Make.Now.AddDays(1) };
        store.AddSecret(newer);
        Assert.Equal(SecretUse.Accepted, Use(store, newer, 'a'));

        // Being let in again makes the old ones no younger.
        Assert.Equal(SecretUse.Expelled, Use(store, known, 'a'));
    }

    [Fact]
    public void The_key_before_a_replacement_is_thrown_out_with_the_node_and_its_successor_stays()
    {
        using INodeStore store = Open(console: true);
        SecretRecord first = Make.Secret();
        SecretRecord second = Make.Secret();
        store.AddSecret(first);
        store.AddSecret(second);
        Use(store, first, 'a', node: _node);
        Use(store, second, 'c', node: _node);

        // It paired as a, is known as b today, and c takes its place by the second secret.
        Assert.Equal(
            [first.SecretId], store.ExpelKeys(_node, [Key('b')], Make.Now, Key('c'), second.SecretId));

        Assert.Equal(SecretUse.Repeated, Use(store, second, 'c'));
        Assert.Equal(SecretUse.Expelled, Use(store, second, 'a'));
        Assert.Equal(SecretUse.Expelled, Use(store, second, 'b'));
    }

    [Fact]
    public async Task A_single_use_secret_tried_by_sixteen_threads_on_two_stores_is_accepted_once()
    {
        using INodeStore one = Open(console: true);
        using INodeStore two = Open(console: true);
        SecretRecord secret = Make.Secret() with { MaxUses = 1 };
        one.AddSecret(secret);
        using Barrier together = new(16);
        Task<SecretUse>[] tries = [.. Enumerable.Range(0, 16).Select(i => Task.Factory.StartNew(
            () =>
            {
                Assert.True(together.SignalAndWait(TimeSpan.FromMinutes(3)));
                return Use(i % 2 == 0 ? one : two, secret, "0123456789abcdef"[i]);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
        SecretUse[] uses = await Task.WhenAll(tries).WaitAsync(TimeSpan.FromMinutes(3));
        Assert.Single(uses, SecretUse.Accepted);
        Assert.Equal(15, uses.Count(use => use == SecretUse.UsedUp));
        Assert.Equal((1, 15), (two.GetSecret(secret.SecretId)!.Uses, two.GetSecret(secret.SecretId)!.Refused));
    }

    private static Fingerprint Key(char digit) => Fingerprint.Parse(new string(digit, 64));

    private static SecretUse Use(
        INodeStore store,
        SecretRecord secret,
        char key,
        string name = "lab",
        DateTimeOffset? now = null,
        Guid? node = null) =>
        store.UseSecret(secret.SecretId, Key(key), node ?? Guid.NewGuid(), name, now ?? Make.Now);

    private INodeStore Open(bool console) => console
        ? new SqliteStoreProvider().OpenConsole(_folder.Path)
        : new SqliteStoreProvider().OpenEngine(_folder.Path);
}
