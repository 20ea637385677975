using System.Globalization;
using System.Text;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Backup;

/// <summary>
/// A console was imported once on a host whose clock was years ahead: its engines hold that copy for the latest. An
/// older export, imported under the right clock, has to have a way past it.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class FarClockTests : IDisposable
{
    private static readonly byte[] Passphrase = Encoding.UTF8.GetBytes("correct horse battery");
    private static readonly DateTimeOffset Far = new(2090, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task The_refusal_names_the_time_and_an_import_later_than_it_is_served(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await ConsoleTransfer.ExportAsync(
            pair.Console, new ExportRequest(_folder.Below("export"), Passphrase), null, CancellationToken.None);
        await pair.StopConsoleAsync();
        pair.Engine.Store.SetSetting(
            $"generation.{pair.PairingId:D}", Far.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));

        await StartAsync(pair, "as-usual", null);
        string refused = way == CommunicationDirection.ConsoleToEngine
            ? (await pair.UntilConsoleAsync(now =>
                now.StatusDetail.StartsWith("IdentityConflict", StringComparison.Ordinal))).StatusDetail
            : (await pair.UntilEngineAsync(now =>
                now.LastError?.Contains("old copy", StringComparison.Ordinal) is true)).LastError!;
        Assert.Contains("-LaterThan '2090-01-02 03:04:05Z'", refused, StringComparison.Ordinal);
        await pair.StopConsoleAsync();

        await StartAsync(pair, "later", Far);
        await pair.ActiveAsync();
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    private async Task StartAsync(NodePair pair, string name, DateTimeOffset? laterThan)
    {
        var folder = DataFolder.Resolve(_folder.Below(name));
        await ConsoleTransfer.ImportAsync(
            folder,
            new SqliteStoreProvider(),
            new ImportRequest(_folder.Below("export"), Passphrase, Force: false) { LaterThan = laterThan },
            null,
            CancellationToken.None);
        pair.MoveConsole(folder);
        await pair.StartConsoleAsync();
    }
}
