using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Tests;

/// <summary>
/// The arrows between the folders of Core; the compiler holds those between the projects. A folder lists those it may
/// know, and only such as stand above it in the list: therefore no two know each other.
/// </summary>
public sealed partial class FolderArrowTests
{
    private static readonly (string Folder, string Known)[] Arrows =
    [
        ("Messages", ""),
        ("Nodes", ""),
        ("Services", ""),
        ("Directions", "Nodes"),
        ("Applier", "Nodes Directions"),
        ("Pairing", "Messages Nodes"),
        ("Diagnosis", "Messages Nodes"),
        ("Certificates", "Messages Nodes Pairing"),
        ("NodeProcess", "Messages Nodes Applier Pairing Diagnosis Certificates"),
        ("Console", "Messages Nodes Directions Applier Pairing Diagnosis Certificates NodeProcess"),
        ("Engine", "Messages Nodes Applier Pairing Diagnosis Certificates NodeProcess"),
        ("Admin", "Messages Nodes Directions Applier Pairing Diagnosis Certificates NodeProcess Console Engine"),
        ("Backup", "Nodes Certificates NodeProcess Admin"),
    ];

    private static string Core => Path.Combine(Checkout.Root, "src", "ScanEngineAdmin.Core");

    [Fact]
    public void A_folder_of_Core_knows_only_the_folders_it_lists()
    {
        Dictionary<string, string[]> allowed = Arrows.ToDictionary(arrow => arrow.Folder, arrow => Split(arrow.Known));
        IEnumerable<string> against =
            from file in Directory.GetFiles(Core, "*.cs", SearchOption.AllDirectories)
            let folder = Path.GetRelativePath(Core, file).Split(Path.DirectorySeparatorChar)[0]
            where folder is not ("bin" or "obj")
            from known in Known(File.ReadAllText(file))
            where known != folder && !(allowed.TryGetValue(folder, out string[]? list) && list.Contains(known))
            select $"{Path.GetRelativePath(Core, file)} knows {known}";

        Assert.Empty(against.Distinct());
    }

    [Fact]
    public void No_two_folders_of_Core_know_each_other()
    {
        string[] order = [.. Arrows.Select(arrow => arrow.Folder)];

        Assert.All(Arrows, arrow => Assert.All(
            Split(arrow.Known),
            known => Assert.InRange(Array.IndexOf(order, known), 0, Array.IndexOf(order, arrow.Folder) - 1)));
        Assert.Equal(
            order.Order(),
            Directory.GetDirectories(Core).Select(Path.GetFileName).OfType<string>()
                .Where(name => name is not ("bin" or "obj")).Order());
    }

    // Namespaces follow folders: a using or a full name, or a type behind its folder's name (Engine.EngineNode).
    private static IEnumerable<string> Known(string code) => FullName().Matches(code)
        .Select(found => found.Groups[1].Value)
        .Concat(HalfName().Matches(code)
            .Where(found => File.Exists(Path.Combine(Core, found.Groups[1].Value, $"{found.Groups[2].Value}.cs")))
            .Select(found => found.Groups[1].Value));

    [GeneratedRegex(@"\bScanEngineAdmin\.Core\.([A-Z]\w*)")]
    private static partial Regex FullName();

    [GeneratedRegex(@"(?<![\w.])([A-Z]\w*)\.([A-Z]\w*)")]
    private static partial Regex HalfName();

    private static string[] Split(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
