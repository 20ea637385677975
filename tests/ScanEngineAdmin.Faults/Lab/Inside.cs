using System.Diagnostics;
using System.Runtime.InteropServices;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>
/// Runs a command in a network of its own: the program starts itself again there. That network is the router between
/// the hosts of a lab, so that nothing of this machine's own network is touched.
/// </summary>
internal static class Inside
{
    private const string Marker = "SCANENGINEADMIN_FAULTS_INSIDE";

    public static async Task<int> RunAsync(string[] args, string[] tools, Func<Task<int>> command)
    {
        if (Environment.GetEnvironmentVariable(Marker) is not null)
        {
            return await command();
        }

        if (NetworkNamespace.WhyNot([.. tools, "unshare"]) is { } why)
        {
            await Console.Error.WriteLineAsync($"{args[0].ToUpperInvariant()} NOT RUN: {why}");
            return Program.CannotRun;
        }

        var start = new ProcessStartInfo("unshare", ["-n", "--", .. Self.Line(args)]);
        start.Environment[Marker] = "1";
        using Process inside = Process.Start(start)!;

        // Whoever stops this one means that one, which has to clean up before this returns.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Forward);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Forward);
        await inside.WaitForExitAsync();
        return inside.ExitCode;

        void Forward(PosixSignalContext context)
        {
            context.Cancel = true;
            Signals.Send(inside.Id, Signals.Terminate);
        }
    }
}
