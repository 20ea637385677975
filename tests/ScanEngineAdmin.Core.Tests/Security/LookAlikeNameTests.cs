using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;
using static ScanEngineAdmin.Core.Tests.Pairing.Peers;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>What two eyes cannot tell apart is not two engines.</summary>
public sealed class LookAlikeNameTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConsoleAdmin _console;

    public LookAlikeNameTests() =>
        _console = ConsoleAdmin.Open(DataFolder.Resolve(_folder.Below("host")), new SqliteStoreProvider());

    public void Dispose()
    {
        _console.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("l\u0430b-1", "mixes Latin and Cyrillic")]
    [InlineData("\u03B1lpha", "mixes Greek and Latin")]
    [InlineData("\u3164", "invisible")]
    [InlineData("l\u1160b", "invisible")]
    [InlineData("l\u115Fb", "invisible")]
    [InlineData("l\uFFA0b", "invisible")]
    [InlineData("l\u00ADb", "invisible")]
    [InlineData("l\u200Bb", "invisible")]
    [InlineData("l\uFE0Fb", "invisible")]
    [InlineData("lab-\uFF11", "invisible, a sign")]
    [InlineData("lab\u02D01", "a sign")]
    [InlineData("lab\u01C01", "a sign")]
    [InlineData("\u2170\u2171", "a sign")]
    [InlineData("\uD835\uDC00", "a sign")]
    [InlineData("\u05D0\u05D1", "right to left")]
    [InlineData("\u0627\u0628", "right to left")]
    [InlineData("lab  1", "two in a row")]
    [InlineData(" lab", "blanks at its ends")]
    [InlineData("lab\u00A01", "a sign")]
    [InlineData("lab\u0661", "a sign")]
    [InlineData("\u0132", "a sign")]
    [InlineData("...", "neither a letter nor a digit")]
    [InlineData("", "characters")]
    public void A_name_that_deceives_is_refused_with_the_reason(string name, string reason)
    {
        ScanEngineException refused = Assert.Throws<ScanEngineException>(
            () => _console.RegisterEngine(name, "192.0.2.1", 40814, null));

        Assert.Equal(FaultCode.EngineNameInvalid, refused.Code);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lab-1")]
    [InlineData("Plant 7_a.b")]
    [InlineData("\u041C\u043E\u0441\u043A\u0432\u0430-1")]
    [InlineData("\u0391\u03B8\u03AE\u03BD\u03B1")]
    [InlineData("M\u00FCnchen")]
    [InlineData("\u6771\u4EAC\u30BF\u30EF\u30FC 2")]
    [InlineData("\uC11C\uC6B8")]
    [InlineData("\u0915\u0916")]
    [InlineData("10")]
    public void A_name_that_people_give_is_taken(string name) =>
        Assert.Equal(name, _console.RegisterEngine(name, "192.0.2.1", 40814, null).Name);

    [Theory]
    [InlineData("lab-1", "lab-l")]
    [InlineData("lab-1", "lab-I")]
    [InlineData("srv-10", "srv-1O")]
    [InlineData("burn", "bum")]
    [InlineData("ace", "\u0430\u0441\u0435")]
    [InlineData("AXE", "\u0391\u03A7\u0395")]
    [InlineData("\u0410\u0425\u0415", "\u0391\u03A7\u0395")]
    [InlineData("\u00EBo", "\u0451\u043E")]
    [InlineData("\u00F3v", "\u03CC\u03BD")]
    [InlineData("o-10", "\u0585-10")]
    [InlineData("10", "1\u00D8")]
    [InlineData("3-1", "\u0417-1")]
    [InlineData("lab-2", "lab-\u01A8")]
    [InlineData("lab-i", "lab-\u0131")]
    [InlineData("\u015Fo", "\u0219o")]
    [InlineData("\u5DE5\u5834", "\u30A8\u5834")]
    [InlineData("\u3078\u3046", "\u30D8\u3046")]
    [InlineData("\u0393\u03A0", "\u0413\u041F")]
    [InlineData("\u0C85", "\u0C05")]
    [InlineData("WEB", "VVEB")]
    [InlineData("\u00F6-1", "\u0151-1")]
    [InlineData("\u0419", "\u040D")]
    [InlineData("\u04D8", "\u018F")]
    [InlineData("\u03C0", "\u043F")]
    [InlineData("\u0584-1", "f-1")]
    [InlineData("y", "\u10E7")]
    [InlineData("\u12D0", "O")]
    [InlineData("\u0D20", "o")]
    [InlineData("\u0E04", "\u0E15")]
    [InlineData("\u0BB0", "\u0D31")]
    [InlineData("\u571F\u58EB", "\u58EB\u571F")]
    public void A_name_that_looks_like_anothers_is_refused_wherever_it_is_chosen(string there, string chosen)
    {
        _console.RegisterEngine(there, "192.0.2.1", 40814, null);
        EngineRecord other = _console.RegisterEngine("quite-different", "192.0.2.2", 40814, null);
        var ledger = new ConsoleLedger(_console.Store, TimeProvider.System);
        PairedPeer peer = Peer(NodeRole.Engine, 'a') with { EngineName = chosen };

        foreach (Action choice in new Action[]
        {
            () => _console.RegisterEngine(chosen, "192.0.2.3", 40814, null),
            () => _console.SetEngine(other.PairingId, chosen, null, null),
            () => ledger.Ask(peer),
            () => ledger.Record(peer with { Proved = true, Repair = true }),
        })
        {
            ScanEngineException refused = Assert.Throws<ScanEngineException>(choice);
            Assert.Equal(FaultCode.EngineNameInUse, refused.Code);
            Assert.Contains($"'{chosen}' looks like '{there}'", refused.Message, StringComparison.Ordinal);
        }

        // The name itself, in another case, is that engine's own matter.
        EngineRecord own = _console.Store.FindEngine(there)!;
        _console.SetEngine(own.PairingId, there.ToUpperInvariant(), null, null);
    }

    [Fact]
    public void A_stranger_who_asks_first_keeps_nobody_from_a_name_and_two_alike_are_not_both_approved()
    {
        var ledger = new ConsoleLedger(_console.Store, TimeProvider.System);
        ledger.Ask(Peer(NodeRole.Engine, 'a') with { EngineName = "lab-l" });
        (Guid wanted, _) = ledger.Ask(Peer(NodeRole.Engine, 'b') with { EngineName = "lab-1" });
        (Guid other, _) = ledger.Ask(Peer(NodeRole.Engine, 'c') with { EngineName = "lab-I" });

        _console.ApproveEngine(wanted, Key('b'));

        Assert.Equal(
            FaultCode.EngineNameInUse,
            Assert.Throws<ScanEngineException>(() => _console.ApproveEngine(other, Key('c'))).Code);
    }
}
