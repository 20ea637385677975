using System.Diagnostics;
using System.Text;

namespace ScanEngineAdmin.Module.Tests.Pester;

/// <summary>
/// The official PowerShell in a process of its own: <c>dotnet PSHOME/pwsh.dll</c>. Not <c>dotnet pwsh</c>, which is
/// three processes, works inside of the checkout only and hands no signal on.
/// </summary>
internal static class PwshProcess
{
    // No suite takes a quarter of that, four at once on two cores.
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(12);

    /// <summary>Runs a script to its end; a process that does not end is killed with all that it started.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(TestMachine.Dotnet)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = TestMachine.Checkout,
        };
        string program = Path.Combine(TestMachine.PowerShellHome, "pwsh.dll");
        foreach (string argument in (string[])[program, "-NoProfile", "-NonInteractive", "-File", script, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        // The test's host tells its own programs so where dotnet is; what a suite starts has to find out as anywhere.
        start.Environment["PATH"] = Path.GetDirectoryName(TestMachine.Dotnet) + Path.PathSeparator
            + Environment.GetEnvironmentVariable("PATH");
        var output = new StringBuilder();
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(output, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var bound = new CancellationTokenSource(Bound);
        try
        {
            await process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Append(output, $"It did not end within {Bound.TotalMinutes} minutes and was killed.");
            return (-1, Text(output));
        }

        return (process.ExitCode, Text(output));
    }

    private static void Append(StringBuilder output, string? line)
    {
        lock (output)
        {
            output.AppendLine(line);
        }
    }

    private static string Text(StringBuilder output)
    {
        lock (output)
        {
            return output.ToString();
        }
    }
}
