using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>What one data folder's pairings do not need, another's of the same host may.</summary>
public sealed class OtherDataFolderTests : IDisposable
{
    private const string Id = "sea-0123456789ab";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sea-folders-");
    private readonly KnownDataFolders _known;

    public OtherDataFolderTests() => _known = new KnownDataFolders(_folder.FullName);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Folders_that_rules_were_applied_for_and_the_usual_ones_are_known_while_they_hold_a_node()
    {
        string own = Node("own");
        string other = Node("other, with a blank");
        string usual = Node("usual");
        _known.Add(own);
        _known.Add(other + "/");
        _known.Add(other);

        Assert.Equal(
            [(other, true), (usual, true)],
            _known.Others(own + "/", [own, usual, Path.Combine(_folder.FullName, "none")]));
        Directory.Delete(other, recursive: true);
        Assert.Equal([(usual, true)], _known.Others(own, [usual]));
        _known.Add(usual);
        Assert.DoesNotContain(other, File.ReadAllText(Path.Combine(_folder.FullName, "data.folders")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_seen_is_not_gone_while_the_one_above_it_is_not_seen_either()
    {
        string mounted = Node("mount/data");
        string closed = Node("closed");
        string own = Node("own");
        _known.Add(mounted);
        _known.Add(closed);
        Directory.Move(Path.Combine(_folder.FullName, "mount"), Path.Combine(_folder.FullName, "elsewhere"));
        Directory.Delete(Path.Combine(closed, "engine"));

        _known.Add(own);

        Assert.Equal([(mounted, false), (closed, false)], _known.Others(own, []));
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "mount"));
        Assert.Equal([(closed, false)], _known.Others(own, []));
    }

    [Fact]
    public void What_another_folder_needs_is_no_drift_of_this_one()
    {
        FirewallDriftRow row = Judged(null, ("/other", [Sample.Rule() with { RuleId = Id }]));

        Assert.Equal(("==", "/other"), (row.SideIndicator, row.KeptFor));
        Assert.Contains("/other", row.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_folder_that_cannot_be_read_may_need_is_drift_that_is_left_alone()
    {
        FirewallDriftRow row = Judged(null, ("/empty", []), ("/closed", null));

        Assert.Equal(("=>", "/closed"), (row.SideIndicator, row.KeptFor));
    }

    [Fact]
    public void What_no_folder_needs_is_left_over()
    {
        FirewallDriftRow row = Judged(
            null, ("/other", [Sample.Rule() with { RuleId = "sea-ba9876543210" }]));

        Assert.Equal(("=>", null), (row.SideIndicator, row.KeptFor));
    }

    [Theory]
    [InlineData(FirewallProvider.Ufw, "203.0.113.7", "==")]
    [InlineData(FirewallProvider.Firewalld, "203.0.113.7", "==")]
    [InlineData(FirewallProvider.Firewalld, "203.0.113.8", "=>")]
    [InlineData(FirewallProvider.Nftables, "203.0.113.7", "=>")]
    public void What_has_the_effect_that_another_folder_needs_is_its_own_where_there_are_no_tags(
        FirewallProvider provider, string peer, string side)
    {
        FirewallRule needed = Sample.Rule(peers: ["203.0.113.6", "203.0.113.7"]) with { RuleId = "sea-ba9876543210" };
        var installed = new InstalledFirewallRule
        {
            RuleId = Id,
            Provider = provider,
            Flow = needed.Flow,
            Port = needed.LocalPort,
            RemoteAddress = [peer],
            Family = needed.AddressFamily,
            Action = InstalledAction.Allow,
            Persistent = false,
            Text = "from " + peer,
        };

        Assert.Equal(side, Judged(installed, ("/other", [needed])).SideIndicator);
    }

    private static FirewallDriftRow Judged(
        InstalledFirewallRule? installed, params (string Folder, IReadOnlyList<FirewallRule>? Needs)[] others) =>
        Assert.Single(FirewallDrift.BesideOthers(
            [
                new FirewallDriftRow
                {
                    SideIndicator = "=>",
                    RuleId = Id,
                    Installed = installed,
                    Detail = "Ours, and nothing needs it.",
                },
            ],
            others));

    private string Node(string name)
    {
        string path = Path.GetFullPath(name, _folder.FullName);
        Directory.CreateDirectory(Path.Combine(path, "engine"));
        return path;
    }
}
