using System.Diagnostics;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>One host of a lab: a namespace behind the router, a data folder, an agent.</summary>
internal sealed class LabHost : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    private readonly NetworkNamespace _space = NetworkNamespace.Create();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sea-lab-");
    private readonly List<string> _log = [];
    private readonly Process _process;

    public LabHost(NodeRole role)
    {
        Role = role;
        _space.Run("ip", "route", "add", "default", "via", _space.Outside.ToString());
        var start = new ProcessStartInfo("ip", [
            "netns", "exec", _space.Name, .. Self.Line(Agent.Command, role.ToString(), _folder.FullName)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = new Process { StartInfo = start };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
            {
                _log.Add(line.Data ?? string.Empty);
            }
        };
        _process.Start();
        _process.BeginErrorReadLine();
    }

    public NodeRole Role { get; }

    public IPAddress Address => _space.Inside;

    public string Folder => _folder.FullName;

    public string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log.TakeLast(40));
            }
        }
    }

    /// <summary>Sets the host's own filter to these commands and nothing else but <see cref="Tracking"/>.</summary>
    public void Filter(params string[] commands) =>
        _space.Run("nft", Tracking.Set("input", commands));

    public async Task<AgentAnswer> AskAsync(AgentAsk ask)
    {
        await _process.StandardInput.WriteLineAsync(AgentJson.Write(ask)).WaitAsync(Bound);
        string? line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Bound);
        AgentAnswer answer = AgentJson.Read<AgentAnswer>(
            line ?? throw new InvalidOperationException($"The {Role} host's agent has ended:\n{Log}"));
        return answer.Error is null
            ? answer
            : throw new InvalidOperationException($"{Role} host, {ask.What}: {answer.Error}\n{Log}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Bound);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _space.Dispose();
        _folder.Delete(recursive: true);
    }
}
