using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Tests;

/// <summary>Where the files under test are.</summary>
internal static class Checkout
{
    private static readonly string Build =
        new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Parent!.Name;

    public static string Root => CheckoutFolder.Root;

    /// <summary>The built assembly of a source project.</summary>
    public static string Assembly(string project)
    {
        string file = project == "ScanEngineAdmin.Service" ? "scanengineadmin.dll" : project + ".dll";
        string framework = project == "ScanEngineAdmin.Service" ? "net10.0" : "net8.0";
        return Path.Combine(Root, "src", project, "bin", Build, framework, file);
    }
}
