using System.Management.Automation;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Pipeline;
using ScanEngineAdmin.Status;
using ScanEngineAdmin.Topology;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Shows the state of a console in the terminal, and keeps it up to date: engines with direction, state and
/// last contact, scans with their progress, the firewall of this host, the latest events.</para>
/// <para type="description">It goes on until q or Ctrl+C, and gives the terminal back as it was. What needs attention stands
/// first, and what there is no room for is counted. With -Once, where there is no terminal (a file, a job, a remote
/// session), and with plain text ($PSStyle.OutputRendering is PlainText, or NO_COLOR is set), one frame of 80 columns is
/// written as text. It reads the console's store as Get-ScanEngine does, whether the console runs or not, and asks no
/// engine.</para>
/// </summary>
/// <example>
/// <code>Show-ScanEngineStatus</code>
/// <para>All of the console, until q.</para>
/// </example>
/// <example>
/// <code>Show-ScanEngineStatus dmz-* -IncludeFirewall -Once</code>
/// <para>Some engines, with what this host's firewall lacks for them, once.</para>
/// </example>
[Cmdlet(VerbsCommon.Show, "ScanEngineStatus")]
[OutputType(typeof(string))]
public sealed class ShowScanEngineStatusCommand : ConsoleViewCommand
{
    // Asking the tools of a firewall takes a moment, and their rules change seldom.
    private static readonly TimeSpan FilterAge = TimeSpan.FromMinutes(1);
    private readonly TimeProvider _time = TimeProvider.System;
    private TopologyFilter? _filter;
    private long _filtered;

    /// <summary>
    /// <para>Also compares what the console's pairings need of this host's firewall with the rules that are there, once a
    /// minute, as Compare-EngineFirewall does. It asks the firewall's tools, which most users may not.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter IncludeFirewall { get; set; }

    /// <summary>
    /// <para>Writes one frame as text, and returns.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Once { get; set; }

    private protected override void Show(EngineRecord[] engines, bool all)
    {
        Guid[] named = [.. engines.Select(static engine => engine.PairingId)];
        if (!Once && StatusScreen.TryOpen(Host, StatusColours.Of(SessionState)) is { } screen)
        {
            using (screen)
            {
                Follow(screen, named, all);
            }

            return;
        }

        foreach (string line in StatusFrame.Draw(Read(named, all), StatusLook.OfText))
        {
            WriteObject(line);
        }
    }

    private void Follow(StatusScreen screen, Guid[] named, bool all)
    {
        var pace = new StatusPace(OpenedAdmin.Store, _time);
        StatusSource? source = null;
        while (!screen.IsQuit())
        {
            if (pace.IsDue())
            {
                source = pace.Read(() => Read(named, all));
                StatusLook look = screen.Look;
                screen.Show(StatusFrame.Draw(source, look), look.Height ?? int.MaxValue);
            }

            if (StopToken.WaitHandle.WaitOne(StatusPace.Look))
            {
                break;
            }
        }
    }

    private StatusSource Read(Guid[] named, bool all)
    {
        // Those that were registered meanwhile belong to all.
        IReadOnlyList<EngineRecord> engines = all
            ? OpenedAdmin.Store.ListEngines()
            : [.. named.Select(OpenedAdmin.Store.GetEngine).OfType<EngineRecord>()];
        StatusSource source = StatusReader.Read(OpenedAdmin, engines, all);
        if (!IncludeFirewall)
        {
            return source;
        }

        if (_filter is null || _time.GetElapsedTime(_filtered) >= FilterAge)
        {
            _filter = Await((_, token) => TopologyReader.ReadFilterAsync(OpenedAdmin.Folder, all, token));
            _filtered = _time.GetTimestamp();
        }

        HashSet<string> names = [.. engines.Select(static engine => engine.Name)];
        TopologyFilter filter = _filter with
        {
            Rows = [.. _filter.Rows.Where(row => row.Engine is null ? all : names.Contains(row.Engine))],
        };
        return source with { Topology = source.Topology with { Filter = filter } };
    }
}
