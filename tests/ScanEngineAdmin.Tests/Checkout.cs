namespace ScanEngineAdmin.Tests;

/// <summary>Where the files under test are.</summary>
internal static class Checkout
{
    private static readonly string Build =
        new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Parent!.Name;

    public static string Root { get; } = FindRoot();

    /// <summary>The built assembly of a source project.</summary>
    public static string Assembly(string project)
    {
        string file = project == "ScanEngineAdmin.Service" ? "scanengineadmin.dll" : project + ".dll";
        string framework = project == "ScanEngineAdmin.Service" ? "net10.0" : "net8.0";
        return Path.Combine(Root, "src", project, "bin", Build, framework, file);
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ScanEngineAdmin.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside the checkout.");
    }
}
