using System.Diagnostics;
using System.Runtime.InteropServices;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Benchmarks.Measure;

/// <summary>
/// The service host whose console is measured, compiled ahead of time as in the archives; a quick run takes the build's.
/// </summary>
internal static class ShippedProgram
{
    private const string Project = "ScanEngineAdmin.Service";
    private static readonly Lazy<string> Published = new(Publish);

    public static bool IsQuick { get; set; }

    public static string Dotnet { get; } =
        System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? Environment.ProcessPath!
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static string Path => System.IO.Path.Combine(IsQuick ? Built : Published.Value, "scanengineadmin.dll");

    // Its own folder: beside this program, libraries that ASP.NET Core brings are missing.
    private static string Built
    {
        get
        {
            var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar));
            return System.IO.Path.Combine(CheckoutFolder.Root, "src", Project, "bin", own.Parent!.Name, own.Name);
        }
    }

    private static string Publish()
    {
        string folder = System.IO.Path.Combine(CheckoutFolder.Root, "artifacts", "benchmarks", "service");
        using Process publish = Process.Start(new ProcessStartInfo(
            Dotnet,
            [
                "publish", System.IO.Path.Combine(CheckoutFolder.Root, "src", Project), "--configuration", "Release",
                "--runtime", RuntimeInformation.RuntimeIdentifier, "--no-self-contained", "--output", folder,
                "--nologo", "--verbosity", "quiet", "-p:PublishReadyToRun=true", "-p:RunAnalyzers=false",
            ]))!;
        publish.WaitForExit();
        return publish.ExitCode == 0
            ? folder
            : throw new InvalidOperationException($"The service host was not published: exit code {publish.ExitCode}.");
    }
}
