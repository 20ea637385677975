using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Backup;

/// <summary>
/// The plan of an import is acted on by whoever opens the folder next, root too. Whoever may write into the folder can
/// write such a plan; nothing outside of the folder may come of it.
/// </summary>
public sealed class ForgedPlanTests : IDisposable
{
    private const string Under = "transfer-00112233445566778899aabbccddeeff";
    private const string Keep = "before-import-20260101-000000-000";

    private readonly TemporaryFolder _folder = new();
    private readonly string _console;
    private readonly string _victim;

    public ForgedPlanTests()
    {
        _console = _folder.Below("console");
        _victim = _folder.Below("victim");
        Directory.CreateDirectory(Path.Combine(_console, Under));
        Directory.CreateDirectory(_victim);
        File.WriteAllText(Path.Combine(_victim, "file"), "the victim's");
        File.WriteAllText(Path.Combine(_console, Under, "store.db"), "the attacker's");
        File.WriteAllText(Path.Combine(_console, "store.db"), "the old one");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("../victim", "", "+file")]
    [InlineData("a/b", "", "+../../victim/file")]
    [InlineData(Under, "", "+../../victim/file")]
    [InlineData(Under, "", "+..\\..\\victim\\file")]
    [InlineData(Under, "", "+file")]
    [InlineData(Under, "", "+lock")]
    [InlineData(Under, "", "+import.commit")]
    [InlineData(Under, "", "+store.db:stream")]
    [InlineData(Under, "", "+.")]
    [InlineData(Under, "", "+")]
    [InlineData(Under, "", "store.db")]
    [InlineData(Under, "", "")]
    [InlineData(Under, "", "-store.db")]
    [InlineData(Under, "../victim", "-store.db")]
    [InlineData(Under, Keep, "-../victim/file")]
    [InlineData(Under, Keep, "-node.lock")]
    [InlineData(Under, Keep + "/../../victim", "-store.db")]
    [InlineData(Under + "/", "", "+store.db")]
    [InlineData("/etc", "", "+store.db")]
    [InlineData("C:\\Windows", "", "+store.db")]
    [InlineData("", "", "+store.db")]
    public void A_name_that_this_product_does_not_write_there_is_not_acted_on(string from, string keep, string line)
    {
        Write($"{from}\n{keep}\n{line}");
        RefusedWithoutATrace();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData(Under)]
    [InlineData(Under + "\n\n+store.db\r")]
    public void What_is_no_plan_is_not_acted_on(string text)
    {
        Write(text);
        RefusedWithoutATrace();
    }

    [Fact]
    public void An_endless_plan_is_not_read_to_its_end()
    {
        Write($"{Under}\n\n" + string.Concat(Enumerable.Repeat("+store.db\n", 10_000)) + "+store.db");
        RefusedWithoutATrace();
    }

    [Fact, NeedsLinux]
    public void A_link_in_the_place_of_the_plan_its_folder_or_a_file_is_not_followed()
    {
        string plan = Path.Combine(_console, "import.commit");
        File.WriteAllText(_folder.Below("elsewhere"), $"{Under}\n\n+store.db");
        File.CreateSymbolicLink(plan, _folder.Below("elsewhere"));
        RefusedWithoutATrace();

        File.Delete(plan);
        Write($"{Under}\n\n+store.db");
        Directory.Delete(Path.Combine(_console, Under), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(_console, Under), _victim);
        RefusedWithoutATrace();

        Directory.Delete(Path.Combine(_console, Under));
        Directory.CreateDirectory(Path.Combine(_console, Under));
        File.CreateSymbolicLink(Path.Combine(_console, Under, "store.db"), Path.Combine(_victim, "file"));
        RefusedWithoutATrace();

        Write($"{Under}\n{Keep}\n-store.db");
        Directory.CreateSymbolicLink(Path.Combine(_console, Keep), _victim);
        RefusedWithoutATrace();
    }

    [Fact, NeedsLinux]
    public void A_pipe_in_the_place_of_the_plan_holds_nobody_up()
    {
        Unix.MakePipe(Path.Combine(_console, "import.commit"));
        RefusedWithoutATrace();
    }

    [Fact]
    public void A_plan_of_this_product_is_finished()
    {
        Write($"{Under}\n{Keep}\n-store.db\n+store.db");
        FolderSwap.Finish(_console);
        Assert.Equal("the attacker's", File.ReadAllText(Path.Combine(_console, "store.db")));
        Assert.Equal("the old one", File.ReadAllText(Path.Combine(_console, Keep, "store.db")));
        Assert.False(File.Exists(Path.Combine(_console, "import.commit")));
    }

    [Fact, NeedsLinux]
    public void A_file_whose_name_is_two_lines_becomes_no_line_of_a_plan()
    {
        File.WriteAllText(Path.Combine(_console, "x\n+..\\..\\victim\\file"), string.Empty);
        Assert.Equal(["store.db"], FolderSwap.Replaced(_console, identityToo: true));
    }

    private void Write(string text) => File.WriteAllText(Path.Combine(_console, "import.commit"), text);

    private void RefusedWithoutATrace()
    {
        ScanEngineException refused = Assert.Throws<ScanEngineException>(() => FolderSwap.Finish(_console));
        Assert.Equal(FaultCode.DataFolderInvalid, refused.Code);
        Assert.Equal(["file"], Directory.GetFiles(_victim).Select(Path.GetFileName));
        Assert.Equal("the victim's", File.ReadAllText(Path.Combine(_victim, "file")));
        Assert.Equal("the old one", File.ReadAllText(Path.Combine(_console, "store.db")));
        Assert.Equal(["victim"], Directory.GetDirectories(_folder.Path).Select(Path.GetFileName).Except(["console"]));
    }
}
