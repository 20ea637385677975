using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Scanning.Nmap;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>
/// Stands in the place of nmap: tells the test of each run, waits for its word, and then is the real nmap or writes what
/// the test wants. All processes of a run hold one connection to the test, which ends with the last of them.
/// </summary>
internal sealed class PlayedNmap : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    private PlayedNmap(string then)
    {
        _listener.Start();
        int port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        string path = _folder.Below("nmap");
        string text = path + ".txt";
        File.WriteAllText(text, $"""
            #!/bin/bash
            exec 3<>/dev/tcp/127.0.0.1/{port}
            echo "$*" >&3
            read -r go <&3 || exit 9
            {then}
            """.ReplaceLineEndings("\n"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(text, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        // Written by a process of its own: a child of another test inherits no descriptor that keeps the file busy.
        Process.Start("cp", [text, path]).WaitForExit();

        // As it is found on this system, so that what ends nmap with its parent is there, too.
        Program = new NmapProgram(path) { Setpriv = Setpriv.Find() };
    }

    public NmapProgram Program { get; }

    /// <summary>The real nmap.</summary>
    public static PlayedNmap Real() => new("exec /usr/bin/nmap \"$@\"");

    /// <summary>One that writes this, and then does that.</summary>
    public static PlayedNmap Writing(string xml, string then = "exit 0") =>
        new($"cat <<'END_OF_XML'\n{xml}\nEND_OF_XML\n{then}");

    /// <summary>One that runs until it is ended, with a child.</summary>
    public static PlayedNmap Endless() => new("sleep 3600 & sleep 3600");

    /// <summary>The next run.</summary>
    public async Task<Run> NextAsync()
    {
        TcpClient client = await _listener.AcceptTcpClientAsync().WaitAsync(ScanSession.Bound);
        var reader = new StreamReader(client.GetStream());
        string arguments = await reader.ReadLineAsync().WaitAsync(ScanSession.Bound)
            ?? throw new InvalidOperationException("It ended before it said anything.");
        return new Run(client, reader, arguments);
    }

    /// <summary>Lets every run go on, until the test is over.</summary>
    public async Task LetAllAsync()
    {
        try
        {
            while (true)
            {
                await (await NextAsync()).GoAsync();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }

    internal sealed class Run(TcpClient client, StreamReader reader, string arguments)
    {
        public string Arguments => arguments;

        public async Task GoAsync() => await client.GetStream().WriteAsync("go\n"u8.ToArray());

        /// <summary>Returns when no process of the run is left.</summary>
        public async Task EndedAsync()
        {
            try
            {
                Assert.Equal(string.Empty, await reader.ReadToEndAsync().WaitAsync(ScanSession.Bound));
            }
            catch (IOException)
            {
                // It was ended with a reset.
            }
        }
    }
}
