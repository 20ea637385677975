using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Tests.Backup;

/// <summary>Files that are no sound export, and an import that is killed.</summary>
public sealed class ImportFaultTests : IDisposable
{
    private readonly ExportHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_file_that_was_changed_anywhere_or_cut_is_refused_before_anything_is_touched()
    {
        await _host.ExportAsync();
        byte[] sound = await File.ReadAllBytesAsync(_host.File);
        int[] places =
        [
            0, 10, 11, 14, 15, 40, 200, 300, 450, 460, 600, sound.Length / 2, sound.Length - 17, sound.Length - 1,
        ];
        foreach (int place in places)
        {
            byte[] changed = [.. sound];
            changed[place] ^= 0x10;
            await RefusedAsync(changed);
        }

        foreach (int length in new[] { 0, 5, 20, 400, 500, sound.Length / 2, sound.Length - 1 })
        {
            await RefusedAsync(sound[..length]);
        }

        await RefusedAsync([.. sound, 0]);
        await File.WriteAllBytesAsync(_host.File, sound);
        await _host.ImportAsync();
        Assert.Equal("lab-1", _host.Engines(_host.Target));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Pieces_that_were_left_out_or_swapped_are_refused()
    {
        _host.Console.Store.SetSetting("filler", new string('x', 400_000));
        await _host.ExportAsync();
        byte[] sound = await File.ReadAllBytesAsync(_host.File);
        int head = 15 + ((sound[11] << 24) | (sound[12] << 16) | (sound[13] << 8) | sound[14]);
        const int Piece = 4 + SealedWriter.PieceBytes + SealedWriter.TagBytes;
        await RefusedAsync([.. sound[..(head + Piece)], .. sound[(head + (2 * Piece))..]]);
        await RefusedAsync(
        [
            .. sound[..(head + Piece)], .. sound[(head + (2 * Piece))..(head + (3 * Piece))],
            .. sound[(head + Piece)..(head + (2 * Piece))], .. sound[(head + (3 * Piece))..],
        ]);
        await RefusedAsync(sound[..(head + (3 * Piece))]);
    }

    [Theory]
    [InlineData("../store.db", false)]
    [InlineData("node.key/../../x", false)]
    [InlineData("lock", false)]
    [InlineData("node.lock", false)]
    [InlineData("store.db", true)]
    public async Task A_sealed_file_with_names_that_belong_in_no_export_is_refused(string name, bool twice)
    {
        await WriteAsync(async sealing =>
        {
            for (int i = 0; i < (twice ? 2 : 1); i++)
            {
                await ConsoleExporter.BeginAsync(sealing, name, 3, CancellationToken.None);
                await sealing.WriteAsync("abc"u8.ToArray(), CancellationToken.None);
            }
        });
        await ExportHost.FailsAsync(FaultCode.ExportInvalid, () => _host.ImportAsync());
        Assert.False(Directory.Exists(_host.Target.Console));
    }

    [Fact]
    public async Task A_sealed_file_with_an_engines_store_is_refused()
    {
        var engine = DataFolder.Resolve(_host.Below("engine"));
        EngineAdmin.Open(engine, _host.Stores).Dispose();
        ScanEngineException refused = await RefusedStoreAsync(
            await File.ReadAllBytesAsync(Path.Combine(engine.Engine, "store.db")));
        Assert.Contains("Scan Engine's store", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_host.Target.Console));
    }

    private async Task<ScanEngineException> RefusedStoreAsync(byte[] store)
    {
        await WriteAsync(async sealing =>
        {
            var identity = IdentityFile.Read(_host.Source.Console, TimeProvider.System);
            foreach ((string name, byte[] content) in identity.Files)
            {
                await ConsoleExporter.BeginAsync(sealing, name, content.Length, CancellationToken.None);
                await sealing.WriteAsync(content, CancellationToken.None);
            }

            await ConsoleExporter.BeginAsync(sealing, "store.db", store.Length, CancellationToken.None);
            await sealing.WriteAsync(store, CancellationToken.None);
        });
        return await ExportHost.FailsAsync(FaultCode.ExportInvalid, () => _host.ImportAsync());
    }

    [Theory]
    [InlineData("CREATE TRIGGER keep BEFORE INSERT ON expelled_keys BEGIN SELECT RAISE(IGNORE); END", "trigger keep")]
    [InlineData("DROP TRIGGER engines_go; CREATE TRIGGER engines_go AFTER DELETE ON engines BEGIN SELECT 1; END",
        "trigger engines_go")]
    [InlineData("DROP TABLE pools; CREATE VIEW pools AS WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x FROM t) "
        + "SELECT x AS pool_id FROM t", "view pools")]
    [InlineData("PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', "
        + "'NOT NULL ON CONFLICT IGNORE') WHERE name = 'expelled_keys'; PRAGMA writable_schema = RESET",
        "table expelled_keys")]
    [InlineData("CREATE UNIQUE INDEX one ON engines (state)", "index one")]
    [InlineData("UPDATE engines SET registered = 3155378975999999999", "no time is in 9999")]
    [InlineData("UPDATE engines SET state = 'Owner'", "Owner")]
    [InlineData("INSERT INTO pools VALUES (1, '11111111-2222-3333-4444-555555555555', 'p', 'P', -9223372036854775808, "
        + "639080000000000000)", "duration")]
    public async Task A_sealed_store_that_was_made_to_do_harm_is_refused(string sql, string why)
    {
        _host.Console.Dispose();
        using (SqliteConnection raw = new($"Data Source={Path.Combine(_host.Source.Console, "store.db")};Pooling=False"))
        {
            raw.Open();
            using SqliteCommand command = raw.CreateCommand();
            command.CommandText = sql + "; PRAGMA wal_checkpoint(TRUNCATE)";
            command.ExecuteNonQuery();
        }

        ScanEngineException refused = await RefusedStoreAsync(
            await File.ReadAllBytesAsync(Path.Combine(_host.Source.Console, "store.db")));

        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_host.Target.Console));
    }

    [Fact]
    public void A_system_without_the_cipher_is_told_so()
    {
        ScanEngineException none = Assert.Throws<ScanEngineException>(() => SealedWriter.Cipher(new byte[32], false));
        Assert.Equal(FaultCode.OptionInvalid, none.Code);
        Assert.Contains("AES-GCM", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_a_newer_format_is_named_as_newer()
    {
        await _host.ExportAsync();
        byte[] bytes = await File.ReadAllBytesAsync(_host.File);
        bytes[10] = 2;
        await File.WriteAllBytesAsync(_host.File, bytes);
        await ExportHost.FailsAsync(FaultCode.StoreNewer, () => _host.ImportAsync());
    }

    /// <summary>By hand, as another program would that knows the format: no more and no fewer rounds than the head says.</summary>
    [Fact]
    public async Task An_export_opens_by_the_key_of_600000_rounds_and_by_no_cheaper_one()
    {
        const int start = 15;
        await _host.ExportAsync();
        byte[] bytes = await File.ReadAllBytesAsync(_host.File);
        int end = start + BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(start - sizeof(int)));
        JObject head = JObject.Parse(Encoding.UTF8.GetString(bytes, start, end - start));
        uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(end));
        byte[] binding = [.. SHA256.HashData(bytes.AsSpan(0, end)), .. bytes[end..(end + sizeof(uint))]];
        int text = end + sizeof(uint);
        int tag = text + (int)(length & 0x7fff_ffff);

        Open(600_000);
        Assert.ThrowsAny<CryptographicException>(() => Open(100_000));

        void Open(int rounds)
        {
            byte[] key = Rfc2898DeriveBytes.Pbkdf2(
                ExportHost.Passphrase, Convert.FromBase64String((string)head["Salt"]!), rounds,
                HashAlgorithmName.SHA256, 32);
            using var cipher = new AesGcm(key, 16);
            cipher.Decrypt(new byte[12], bytes.AsSpan(text, tag - text), bytes.AsSpan(tag, 16), new byte[tag - text], binding);
        }
    }

    /// <summary>The head is read before anything of the file is proved to be its maker's.</summary>
    [Theory]
    [InlineData("2147483647")]
    [InlineData("10000001")]
    [InlineData("99999")]
    [InlineData("-1")]
    public async Task A_head_that_asks_for_hours_of_work_or_for_next_to_none_is_refused(string rounds)
    {
        const int start = 15;
        await _host.ExportAsync();
        byte[] bytes = await File.ReadAllBytesAsync(_host.File);
        int length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(start - sizeof(int)));
        string head = Encoding.UTF8.GetString(bytes, start, length);
        byte[] forged = Encoding.UTF8.GetBytes(
            head.Replace("\"KeyIterations\":600000", $"\"KeyIterations\":{rounds}", StringComparison.Ordinal));
        byte[] size = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(size, forged.Length);
        await File.WriteAllBytesAsync(
            _host.File, [.. bytes[..(start - sizeof(int))], .. size, .. forged, .. bytes[(start + length)..]]);

        ScanEngineException refused = await ExportHost.FailsAsync(FaultCode.ExportInvalid, () => _host.ImportAsync());

        Assert.Contains("head", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Speed", "Slow")]
    public async Task Killed_at_any_step_it_leaves_the_old_console_or_the_new_one(bool replaces)
    {
        await _host.ExportAsync();
        if (replaces)
        {
            using var other = ConsoleAdmin.Open(_host.Target, _host.Stores);
            other.RegisterEngine("other", "192.0.2.9", 40814, null);
            IdentityFile.LoadOrCreate(_host.Target.Console, TimeProvider.System).Identity.Dispose();
        }

        // What a killed process leaves is what is on the disk at that moment: it is copied aside at every step.
        var states = new List<(string Step, DataFolder Folder)>();
        await _host.ImportAsync(force: true, step: step =>
        {
            var state = DataFolder.Resolve(_host.Below($"state-{states.Count}"));
            Copy(_host.Target.Console, state.Console);
            states.Add((step, state));
        });

        Assert.Contains(states, state => state.Step == "kept store.db" || !replaces);
        Assert.Contains(states, state => state.Step == "placed node.key");
        int decided = states.FindIndex(state => state.Step == "decided");
        Assert.InRange(decided, 1, states.Count - 4);
        Fingerprint old = IdentityFile.ReadFingerprint(states[0].Folder.Console);
        for (int i = 0; i < states.Count; i++)
        {
            string engines = _host.Engines(states[i].Folder);
            Fingerprint found = IdentityFile.ReadFingerprint(states[i].Folder.Console);
            string expected = i >= decided ? "lab-1" : replaces ? "other" : string.Empty;
            Assert.Equal((states[i].Step, expected), (states[i].Step, engines));
            Assert.Equal(i < decided ? old : _host.Fingerprint, found);

            // And the next import is not in its way.
            await _host.ImportAsync(states[i].Folder, force: true);
            Assert.Equal("lab-1", _host.Engines(states[i].Folder));
            Assert.Empty(Directory.GetDirectories(states[i].Folder.Console, "transfer-*"));
        }
    }

    [Fact]
    public async Task A_session_that_exports_after_an_import_was_killed_does_not_take_its_files_away()
    {
        await _host.ExportAsync();
        ConsoleAdmin.Open(_host.Target, _host.Stores).Dispose();
        var decided = DataFolder.Resolve(_host.Below("decided"));
        await _host.ImportAsync(force: true, step: step =>
        {
            if (step == "decided")
            {
                Copy(_host.Target.Console, decided.Console);
            }
        });

        // It has opened the folder before, so it has seen nothing of the import.
        TransferFolder.Take(decided.Console).Dispose();

        Assert.Equal("lab-1", _host.Engines(decided));
        Assert.Equal(_host.Fingerprint, IdentityFile.ReadFingerprint(decided.Console));
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            string copy = Path.Combine(to, Path.GetFileName(file));
            if (file.EndsWith("lock", StringComparison.Ordinal))
            {
                File.WriteAllBytes(copy, []);
            }
            else
            {
                File.Copy(file, copy);
            }
        }

        foreach (string folder in Directory.GetDirectories(from))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }

    private async Task RefusedAsync(byte[] content)
    {
        await File.WriteAllBytesAsync(_host.File, content);
        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(() => _host.ImportAsync());
        Assert.Contains(
            fault.Code, new[] { FaultCode.ExportInvalid, FaultCode.ExportPassphraseWrong, FaultCode.StoreNewer });
        Assert.False(Directory.Exists(_host.Target.Console));
    }

    private async Task WriteAsync(Func<SealedWriter, Task> entries)
    {
        var header = ExportHeader.Of(_host.ConsoleId, _host.Fingerprint, hasIdentity: true, DateTimeOffset.UtcNow);
        byte[] head = header.ToBytes();
        await using FileStream file = File.Create(_host.File);
        await file.WriteAsync(head);
        using var sealing = new SealedWriter(file, header.Key(ExportHost.Passphrase), head);
        await entries(sealing);
        await sealing.WriteAsync(new byte[1], CancellationToken.None);
        await sealing.FinishAsync(CancellationToken.None);
    }
}
