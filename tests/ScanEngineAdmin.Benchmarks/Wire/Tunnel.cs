using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Benchmarks.Measure;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>
/// A tunnel of another program on this machine that carries plain bytes to the other process: both its ends run, and what
/// is sent through it is sent as over <see cref="RawTls.ConnectPlainAsync"/>.
/// </summary>
internal sealed class Tunnel : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sea-tunnel-");
    private readonly List<Process> _processes = [];

    private Tunnel()
    {
    }

    /// <summary>The connection through the tunnel.</summary>
    public RawTls Wire { get; private set; } = null!;

    /// <summary>The tunnels to that port whose programs are installed, and the names of the others.</summary>
    public static async Task<(IReadOnlyList<Tunnel> Open, IReadOnlyList<string> Missing)> OpenAllAsync(int port)
    {
        List<Tunnel> open = [];
        List<string> missing = [];
        foreach ((string name, string[] programs, Func<Tunnel, int, Task<int>> start) in new (
            string, string[], Func<Tunnel, int, Task<int>>)[]
        {
            ("OpenSSH", ["ssh", "sshd", "ssh-keygen"], static (tunnel, to) => tunnel.StartSshAsync(to)),
            ("stunnel", ["stunnel", "openssl"], static (tunnel, to) => tunnel.StartStunnelAsync(to)),
        })
        {
            if (Array.Find(programs, static program => Find(program) is null) is { } lacking)
            {
                missing.Add($"{name} ({lacking} is not installed)");
                continue;
            }

            var tunnel = new Tunnel();
            open.Add(tunnel);
            int entrance = await start(tunnel, port);
            await AwaitAsync(entrance);
            tunnel.Wire = await RawTls.ConnectPlainAsync(entrance, name);
        }

        return (open, missing);
    }

    /// <summary>Of all its processes, also those that serve one connection.</summary>
    public double CpuSeconds()
    {
        HashSet<int> own = [.. _processes.Select(static process => process.Id)];
        Dictionary<int, int> parents = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && Parent(folder) is { } parent)
            {
                parents[id] = parent;
            }
        }

        return parents.Keys.Where(IsOwn).Sum(Use.CpuOf);

        bool IsOwn(int id) => own.Contains(id) || (parents.TryGetValue(id, out int parent) && parent > 1 && IsOwn(parent));
    }

    public async ValueTask DisposeAsync()
    {
        if (Wire is not null)
        {
            await Wire.DisposeAsync();
        }

        foreach (Process process in _processes)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private async Task<int> StartSshAsync(int to)
    {
        int server = FreePort();
        int entrance = FreePort();
        foreach (string key in new[] { "host", "user" })
        {
            await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", string.Empty, "-f", Own(key));
        }

        await File.WriteAllTextAsync(Own("sshd.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            Port {server}
            ListenAddress 127.0.0.1
            HostKey {Own("host")}
            AuthorizedKeysFile {Own("user.pub")}
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin prohibit-password
            AllowTcpForwarding yes

            """));
        Directory.CreateDirectory("/run/sshd");
        Start(Find("sshd")!, "-D", "-f", Own("sshd.conf"));
        await AwaitAsync(server);
        Start(
            Find("ssh")!, "-N", "-F", "none", "-i", Own("user"), "-p", Text(server), "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR",
            "-L", $"127.0.0.1:{Text(entrance)}:127.0.0.1:{Text(to)}", "127.0.0.1");
        return entrance;
    }

    private async Task<int> StartStunnelAsync(int to)
    {
        int server = FreePort();
        int entrance = FreePort();
        await RunAsync(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=tunnel", "-keyout", Own("key.pem"), "-out", Own("cert.pem"));
        foreach ((string name, string client, int accept, int connect) in
            new[] { ("server", "no", server, to), ("client", "yes", entrance, server) })
        {
            await File.WriteAllTextAsync(Own(name), string.Create(CultureInfo.InvariantCulture, $"""
                foreground = yes
                pid =
                [way]
                client = {client}
                cert = {Own("cert.pem")}
                key = {Own("key.pem")}
                CAfile = {Own("cert.pem")}
                verifyPeer = yes
                sslVersion = TLSv1.3
                accept = 127.0.0.1:{accept}
                connect = 127.0.0.1:{connect}

                """));
            Start(Find("stunnel")!, Own(name));
            await AwaitAsync(accept);
        }

        return entrance;
    }

    private static string? Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':')
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task AwaitAsync(int port)
    {
        using var patience = new CancellationTokenSource(Bound);
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), patience.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20, patience.Token);
            }
        }
    }

    private static async Task RunAsync(string program, params string[] args)
    {
        using Process process = Process.Start(Silent(Find(program)!, args))!;
        await process.WaitForExitAsync().WaitAsync(Bound);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed with exit code {process.ExitCode}.");
        }
    }

    private static ProcessStartInfo Silent(string program, string[] args) =>
        new("sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", program, .. args]);

    private static int? Parent(string folder)
    {
        try
        {
            // The name stands in parentheses and may hold blanks; behind it come the state and the parent.
            string stat = File.ReadAllText(Path.Combine(folder, "stat"));
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Start(string program, params string[] args) => _processes.Add(Process.Start(Silent(program, args))!);

    private string Own(string name) => Path.Combine(_folder.FullName, name);
}
