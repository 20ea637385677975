using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>A copy of a store that is in use, and what a check of one finds.</summary>
public sealed class StoreCopyTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TestFolder _folder = new();
    private readonly TestFolder _target = new();

    public void Dispose()
    {
        _folder.Dispose();
        _target.Dispose();
    }

    [Fact]
    public void A_copy_holds_what_was_there_when_it_began_however_much_is_written_meanwhile()
    {
        using IConsoleStore store = _folder.Console();
        store.SetSetting("large", new string('x', 4_000_000));
        store.SetSetting("before", "1");
        List<double> shares = [];
        store.CopyTo(
            _target.File,
            share =>
            {
                shares.Add(share);
                store.SetSetting($"during-{shares.Count}", "1");
            },
            CancellationToken.None);

        using IConsoleStore copy = _target.Console();
        copy.Check();
        Assert.Equal("1", copy.GetSetting("before"));
        Assert.Empty(copy.ListSettings("during"));
        Assert.NotEmpty(store.ListSettings("during"));
        Assert.Equal(shares.Order(), shares);
        Assert.True(shares.Count > 3 && shares[^1] == 1);
        Assert.Equal(["store.db", "store.db-shm", "store.db-wal"], Names());
    }

    [Fact]
    public void A_copy_that_is_cancelled_or_has_no_room_leaves_no_file()
    {
        using IConsoleStore store = _folder.Console();
        store.SetSetting("large", new string('x', 4_000_000));
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => store.CopyTo(_target.File, _ => stop.Cancel(), stop.Token));
        Assert.Empty(Names());
        TestFolder.Fails(
            FaultCode.DataFolderNotWritable,
            () => store.CopyTo(Path.Combine(_target.Path, "none", "x"), null, CancellationToken.None));
    }

    [Fact]
    public void A_check_finds_an_index_that_does_not_fit_its_table()
    {
        using (IConsoleStore store = _folder.Console())
        {
            store.AddEngine(Make.Engine());
            store.Check();
        }

        using (SqliteConnection raw = new($"Data Source={_folder.File};Pooling=False"))
        {
            raw.Open();
            using SqliteCommand command = raw.CreateCommand();
            command.CommandText = """
                PRAGMA writable_schema = ON;
                UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'changes_pairing')
                    WHERE name = 'engines_pending';
                """;
            command.ExecuteNonQuery();
        }

        using IConsoleStore damaged = _folder.Console();
        TestFolder.Fails(FaultCode.StoreDamaged, damaged.Check);
    }

    [Fact]
    public void A_secret_that_expired_stays_so_when_the_clock_is_set_back()
    {
        using IConsoleStore store = _folder.Console();
        var secret = new SecretRecord
        {
            SecretId = Guid.NewGuid(),
            StoredKey = new byte[32],
            ServerKey = new byte[32],
            Created = Noon,
            ExpiresAt = Noon.AddHours(1),
        };
        store.AddSecret(secret);
        Assert.Equal(SecretUse.Accepted, Use(Noon.AddMinutes(30)));
        Assert.Equal(SecretUse.Repeated, Use(Noon.AddMinutes(-2)));

        // Set back by hours: nobody knows how long it has been.
        Assert.Equal(SecretUse.Expired, Use(Noon.AddHours(-7)));
        Assert.Equal(SecretUse.Expired, Use(Noon.AddMinutes(30)));

        SecretUse Use(DateTimeOffset now) => store.UseSecret(
            secret.SecretId, Fingerprint.Parse(new string('a', 64)), Guid.NewGuid(), "lab-1", now);
    }

    private IEnumerable<string?> Names() => Directory.GetFiles(_target.Path).Select(Path.GetFileName).Order();
}
