namespace ScanEngineAdmin.Tests.Shared;

/// <summary>The folder of the solution, which the running program was built in.</summary>
internal static class CheckoutFolder
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ScanEngineAdmin.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName
            ?? throw new InvalidOperationException("No folder above this program holds ScanEngineAdmin.sln: build and run it in a checkout.");
    }
}
