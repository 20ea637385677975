using System.Diagnostics;
using System.Runtime.InteropServices;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Benchmarks.Measure;

/// <summary>
/// The service host whose console is measured, and this program where it plays many engines: compiled ahead of time as
/// in the archives; a quick run takes the build's.
/// </summary>
internal static class ShippedProgram
{
    private const string Project = "ScanEngineAdmin.Service";
    private static readonly Lazy<string> Host = new(static () => Publish(Path.Combine("src", Project), "service"));
    private static readonly Lazy<string> Self =
        new(static () => Publish(Path.Combine("tests", "ScanEngineAdmin.Benchmarks"), "engines"));

    public static bool IsQuick { get; set; }

    public static string Dotnet { get; } =
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? Environment.ProcessPath!
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static string Console => Path.Combine(IsQuick ? Built : Host.Value, "scanengineadmin.dll");

    public static string Engines
    {
        get
        {
            string own = typeof(ShippedProgram).Assembly.Location;
            return IsQuick ? own : Path.Combine(Self.Value, Path.GetFileName(own));
        }
    }

    // Its own folder: beside this program, libraries that ASP.NET Core brings are missing.
    private static string Built
    {
        get
        {
            var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            return Path.Combine(CheckoutFolder.Root, "src", Project, "bin", own.Parent!.Name, own.Name);
        }
    }

    private static string Publish(string project, string name)
    {
        string folder = Path.Combine(CheckoutFolder.Root, "artifacts", "benchmarks", name);
        using Process publish = Process.Start(new ProcessStartInfo(
            Dotnet,
            [
                "publish", Path.Combine(CheckoutFolder.Root, project), "--configuration", "Release",
                "--runtime", RuntimeInformation.RuntimeIdentifier, "--no-self-contained", "--output", folder,
                "--nologo", "--verbosity", "quiet", "-p:PublishReadyToRun=true", "-p:RunAnalyzers=false",
            ]))!;
        publish.WaitForExit();
        return publish.ExitCode == 0
            ? folder
            : throw new InvalidOperationException($"{project} was not published: exit code {publish.ExitCode}.");
    }
}
