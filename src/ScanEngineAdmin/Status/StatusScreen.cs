using System.Management.Automation.Host;
using System.Text;

namespace ScanEngineAdmin.Status;

/// <summary>
/// The terminal while the status is shown: a screen of its own without a cursor, where a line that is too long is cut and
/// not wrapped; all of it given back at the end.
/// </summary>
internal sealed class StatusScreen : IDisposable
{
    private const string Begin = "\x1b[?1049h\x1b[?25l\x1b[?7l";
    private const string End = "\x1b[?7h\x1b[?25h\x1b[?1049l";
    private const string Home = "\x1b[H";
    private const string RestOfLine = "\x1b[K";
    private const string RestOfScreen = "\x1b[J";
    private readonly PSHostUserInterface _ui;
    private readonly StatusColours _colours;

    private StatusScreen(PSHostUserInterface ui, StatusColours colours)
    {
        _ui = ui;
        _colours = colours;
        _ui.Write(Begin);
    }

    public StatusLook Look
    {
        get
        {
            Size window = _ui.RawUI.WindowSize;
            return StatusLook.OfScreen(window.Width, window.Height, _colours);
        }
    }

    /// <summary>
    /// Null where there is no terminal, or no keys come from it, or the session wants plain text: out of plain text
    /// PowerShell takes the signs that move the cursor.
    /// </summary>
    public static StatusScreen? TryOpen(PSHost host, StatusColours? colours)
    {
        try
        {
            if (colours is null || host.UI is not { SupportsVirtualTerminal: true, RawUI: { } raw } || System.Console.IsOutputRedirected
                || System.Console.IsInputRedirected)
            {
                return null;
            }

            // Throws in a host that has no keyboard, where nothing could end the screen but Ctrl+C. What it throws is the host's
            // choice: the templates of hosts and many real ones have NotImplementedException in what they leave out.
            _ = raw.KeyAvailable;
            return raw.WindowSize.Height > 0 ? new StatusScreen(host.UI, colours) : null;
        }
        catch (Exception e) when (e is HostException or InvalidOperationException or NotSupportedException
            or NotImplementedException)
        {
            return null;
        }
    }

    /// <summary>In one piece, so that no half of a frame is seen.</summary>
    public void Show(IReadOnlyList<string> lines, int height)
    {
        var text = new StringBuilder(Home);
        string next = $"{RestOfLine}\r\n";
        text.AppendJoin(next, lines.Take(height)).Append(RestOfLine).Append(RestOfScreen);
        _ui.Write(text.ToString());
    }

    /// <summary>Whether q was pressed since the last look.</summary>
    public bool IsQuit()
    {
        bool quit = false;
        while (_ui.RawUI.KeyAvailable)
        {
            KeyInfo key = _ui.RawUI.ReadKey(ReadKeyOptions.NoEcho | ReadKeyOptions.IncludeKeyDown);
            quit |= key.Character is 'q' or 'Q';
        }

        return quit;
    }

    public void Dispose() => _ui.Write(End);
}
