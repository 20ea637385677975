using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>
/// Root lists what is in the store of an account that was taken over: no text in it may move the cursor of root's
/// terminal, or turn what stands beside it.
/// </summary>
public sealed class HostileTextTests : IDisposable
{
    private const string Hostile = "a\u001b]52;c;eA\u0007\n\u202eb";
    private const string Shown = "a ]52;c;eA   b";
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_consoles_texts_are_lines_whoever_wrote_them()
    {
        using IConsoleStore store = _folder.Console();
        EngineRecord engine = Make.Engine("lab");
        store.AddEngine(engine);
        ScanRecord scan = Make.Scan(engine.PairingId);
        store.AddScan(scan);
        Write("UPDATE engines SET name = $1, address = $1, observed_address = $1, status_detail = $1, version = $1");
        Write("UPDATE scans SET engine_name = $1, detail = $1, request = json_set(request, '$.Targets', json_array($1))");
        Write("""
            INSERT INTO findings (scan, unit, target, port, state, resolved, banner) SELECT id, 0, $1, 22, 0, $1, $1 FROM scans
            """);

        EngineRecord read = Assert.Single(store.ListEngines());
        ScanRecord asked = Assert.Single(store.ListScans());
        Finding found = Assert.Single(store.ReadFindings(scan.ScanId));

        Assert.All(
            [read.Name, read.Address, read.ObservedAddress, read.StatusDetail, read.Version, asked.EngineName, asked.Detail,
                asked.Request.Targets[0], found.Target, found.Resolved, found.Banner],
            text => Assert.Equal(Shown, text));
    }

    [Fact]
    public void An_engines_texts_are_lines_whoever_wrote_them()
    {
        using IEngineStore store = _folder.Engine();
        store.AddConsole(Make.Console());
        Write("UPDATE consoles SET name = $1, engine_name = $1, address = $1, observed_address = $1, last_error = $1");

        ConsoleRecord read = Assert.Single(store.ListConsoles());

        Assert.All(
            [read.Name, read.EngineName, read.Address, read.ObservedAddress, read.LastError],
            text => Assert.Equal(Shown, text));
    }

    /// <summary>The whole of a text is read at once: of an endless one nothing is.</summary>
    [Theory]
    [InlineData(64, false)]
    [InlineData(65, true)]
    public void A_text_of_more_than_64_MiB_is_not_read(int mebibytes, bool refused)
    {
        using IConsoleStore store = _folder.Console();
        Write($"INSERT INTO settings (key, value) VALUES ('big', CAST(zeroblob({mebibytes} * 1048576 - 100) AS TEXT))");

        ScanEngineException? fault = Record.Exception(() => store.GetSetting("big")) as ScanEngineException;

        Assert.Equal(refused ? FaultCode.StoreDamaged : null, fault?.Code);
    }

    private void Write(string sql)
    {
        using SqliteConnection raw = new($"Data Source={_folder.File};Pooling=False");
        raw.Open();
        using SqliteCommand command = raw.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$1", Hostile);
        command.ExecuteNonQuery();
    }
}
