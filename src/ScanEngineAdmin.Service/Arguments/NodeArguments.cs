using System.CommandLine;
using System.Net;

namespace ScanEngineAdmin.Service.Arguments;

/// <summary>The options that console, engine and applier have in common.</summary>
internal sealed class NodeArguments
{
    private readonly Option<string?> _data = Data();
    private readonly Option<string?> _log = HostOption.Text(
        "--log", "FILE", "write the log into this file as well, in turns of 16 MB, the last eight of which are kept");

    private readonly Option<IPEndPoint?> _metrics = HostOption.Of<IPEndPoint>(
        "--metrics", "ADDRESS:PORT", "let Prometheus read metrics at this loopback address", OptionValues.Loopback);

    private readonly Option<Uri?> _otlp = HostOption.Of<Uri>(
        "--otlp", "URL", "send metrics and traces to this OpenTelemetry collector", OptionValues.Url);

    private readonly Option<bool> _stopWithStdin = HostOption.Flag(
        "--stop-with-stdin", "stop when standard input ends: the parent process is gone");

    public static Option<string?> Data() => HostOption.Text(
        "--data", "FOLDER", "where the node keeps what it has (default: SCANENGINEADMIN_DATA, else the machine's)");

    /// <summary>Adds them before and after a command's own, in the order of the help.</summary>
    public Command To(string name, string description, params Option[] own)
    {
        var command = new Command(name, description) { _data };
        foreach (Option option in own)
        {
            command.Add(option);
        }

        command.Add(_log);
        command.Add(_metrics);
        command.Add(_otlp);
        command.Add(_stopWithStdin);
        return command;
    }

    public NodeSettings Read(ParseResult parsed) => new(
        parsed.GetValue(_data), parsed.GetValue(_log), parsed.GetValue(_metrics), parsed.GetValue(_otlp),
        parsed.GetValue(_stopWithStdin));
}
