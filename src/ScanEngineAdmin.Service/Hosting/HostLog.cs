using Microsoft.Extensions.Logging;
using ScanEngineAdmin.Core.Nodes;
using Serilog;
using Serilog.Extensions.Logging;
using Logged = Microsoft.Extensions.Logging.LogLevel;

namespace ScanEngineAdmin.Service.Hosting;

/// <summary>
/// Where a node's log goes: standard output and, if wanted, a file, as JSON lines; under the service manager of Windows
/// its event log as well. Nothing of it holds a node up: what cannot be written in time is left out.
/// </summary>
internal static class HostLog
{
    private const int LinesWaiting = 10_000;

    public static void Add(ILoggingBuilder logging, string? file)
    {
        var lines = new JsonLineFormatter();
        Serilog.Core.Logger serilog = new LoggerConfiguration()
            .WriteTo.Async(
                to =>
                {
                    to.Console(lines);
                    if (file is not null)
                    {
                        // Serilog turns the files here; LogFile does in a session, where the module loads no logging
                        // library beside those of others.
                        to.File(
                            lines,
                            Checked(file),
                            fileSizeLimitBytes: LogFile.UsualBytes,
                            rollOnFileSizeLimit: true,
                            retainedFileCountLimit: LogFile.UsualFiles);
                    }
                },
                LinesWaiting)
            .CreateLogger();
        logging.AddSerilog(serilog, dispose: true);

        // What the host says of itself, its user learns from the node's lines, the exit code and standard error.
        logging.AddFilter<SerilogLoggerProvider>(nameof(Microsoft), Logged.None);
    }

    public static void Write(Microsoft.Extensions.Logging.ILogger logger, LogEntry entry)
    {
        Logged level = entry.Level switch
        {
            Core.Nodes.LogLevel.Debug => Logged.Debug,
            Core.Nodes.LogLevel.Information => Logged.Information,
            Core.Nodes.LogLevel.Warning => Logged.Warning,
            _ => Logged.Error,
        };
        if (logger.IsEnabled(level))
        {
            logger.Log(level, new EventId(0, entry.Event), LogState.Of(entry), null, static (state, _) => state.Text);
        }
    }

    private static string Checked(string file)
    {
        string path = Path.GetFullPath(file);
        LogFile.Prepare(path, "--log");
        try
        {
            // The writer itself says nothing when it cannot write.
            using FileStream there = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw LogFile.NotWritable(path, "--log", e);
        }

        return path;
    }
}
