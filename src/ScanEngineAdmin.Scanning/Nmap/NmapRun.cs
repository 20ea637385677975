using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Xml;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Scanning.Nmap;

/// <summary>
/// One process of nmap, from its start to its report. It does not outlive the run, nor, where the kernel sees to that,
/// this process.
/// </summary>
internal sealed class NmapRun(NmapProgram program, TimeProvider time)
{
    private const int MaxComplaint = 2_048;
    private const long MostCharacters = 16L * 1024 * 1024;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>The report; an empty one where nmap did not end within the limit of a run.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="ScanEngineException">ScanFailed.</exception>
    public Task<NmapReport> RunAsync(
        IReadOnlyList<string> arguments, IReadOnlyCollection<IPAddress> asked, CancellationToken stop) =>

        // On a thread of its own: the kernel ends nmap with the thread that started it.
        Task.Factory.StartNew(
            () => Run(arguments, asked, stop),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    private NmapReport Run(IReadOnlyList<string> arguments, IReadOnlyCollection<IPAddress> asked, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        using var limit = new CancellationTokenSource(NmapArguments.RunLimit, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        using var process = new Process { StartInfo = StartInfo(arguments) };
        var complaint = new StringBuilder();
        process.ErrorDataReceived += (_, said) => Note(complaint, said.Data);
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw Failed($"{program.Path} cannot be started: {e.Message}", e);
        }

        using CancellationTokenRegistration ending = end.Token.UnsafeRegister(static p => Kill((Process)p!), process);
        try
        {
            process.StandardInput.Close();
            process.BeginErrorReadLine();
            var report = NmapReport.Read(process.StandardOutput.BaseStream, asked, MostCharacters);
            if (process.WaitForExit(Grace) && process.ExitCode == 0)
            {
                return report;
            }

            throw new FormatException("nmap wrote its report and did not end well");
        }
        catch (Exception e) when (e is XmlException or FormatException or IOException)
        {
            stop.ThrowIfCancellationRequested();
            return limit.IsCancellationRequested
                ? NmapReport.Empty
                : throw Failed($"the report of nmap cannot be used: {Shown(e.Message)}{Said(complaint)}", e);
        }
        finally
        {
            Kill(process);
            process.WaitForExit(Grace);
            process.StandardOutput.Dispose();
        }
    }

    private ProcessStartInfo StartInfo(IReadOnlyList<string> arguments)
    {
        var start = program.Setpriv is { } setpriv
            ? new ProcessStartInfo(setpriv, Setpriv.Arguments(program.Path, arguments))
            : new ProcessStartInfo(program.Path, arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.UseShellExecute = false;
        start.CreateNoWindow = true;
        start.WorkingDirectory = Path.GetPathRoot(program.Path)!;
        if (!OperatingSystem.IsWindows())
        {
            // Nothing of what this process was given leads nmap to other libraries, scripts or options.
            start.Environment.Clear();
        }

        start.Environment["LC_ALL"] = "C";
        return start;
    }

    private static void Note(StringBuilder complaint, string? line)
    {
        lock (complaint)
        {
            if (line is not null && complaint.Length < MaxComplaint)
            {
                complaint.Append(line.AsSpan(0, Math.Min(line.Length, MaxComplaint))).Append(' ');
            }
        }
    }

    private static string Said(StringBuilder complaint)
    {
        lock (complaint)
        {
            return complaint.Length == 0 ? string.Empty : $"; nmap says: {Shown(complaint.ToString())}";
        }
    }

    private static string Shown(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return BannerText.From(bytes.AsSpan(0, Math.Min(bytes.Length, BannerText.MaxRead))) ?? string.Empty;
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself in between, or its children have.
        }
    }

    private static ScanEngineException Failed(string what, Exception cause) => new(
        FaultCode.ScanFailed,
        $"On {Environment.MachineName}, the engine's host, {what}.",
        "Try nmap on that host by hand, or scan with -Scanner Connect.",
        "nmap",
        cause);
}
