using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Topology;

namespace ScanEngineAdmin.Status;

/// <summary>
/// One line of the status screen, cell by cell. All text comes through here: nothing in it moves the cursor, and none is
/// wider than its cell.
/// </summary>
/// <param name="width">The cells of the whole line.</param>
/// <param name="look">How it may look.</param>
internal sealed class StatusLine(int width, StatusLook look)
{
    private readonly StringBuilder _text = new();
    private int _used;

    /// <summary>The next cell, with a blank before it where it is not the first; as wide as what is left without one.</summary>
    public StatusLine Cell(string? text, int? cells = null, string? colour = null, bool right = false)
    {
        int gap = _used == 0 ? 0 : 1;
        int room = Math.Max(0, Math.Min(cells ?? int.MaxValue, width - _used - gap));
        if (room == 0)
        {
            return this;
        }

        string fit = TopologyText.Fit(PeerText.Line(text, TopologyText.MaxLength), room);
        fit = look.Plain ? fit.Replace('…', '~') : fit;
        string blanks = new(' ', cells is null ? 0 : room - TopologyText.Cells(fit));
        _text.Append(' ', gap).Append(right ? blanks : string.Empty);
        _text.Append(look.Colours is { } colours && colour is not null ? $"{colour}{fit}{colours.Reset}" : fit);
        _text.Append(right ? string.Empty : blanks);
        _used += gap + (cells is null ? TopologyText.Cells(fit) : room);
        return this;
    }

    public override string ToString() => _text.ToString().TrimEnd(' ');
}
