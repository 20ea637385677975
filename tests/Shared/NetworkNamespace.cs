using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Tests.Shared;

/// <summary>
/// A network namespace of its own with a link to this one, made for one test: its own filter, its own listeners.
/// Needs Linux, root and iproute2; ask <see cref="WhyNot"/> first and say it aloud.
/// </summary>
internal sealed class NetworkNamespace : IDisposable
{
    private const int CloneNewNet = 0x40000000;
    private const int CloseOnExec = 0x80000;

    // What a program inside finds in place of the machine's: its own /run (the lock of iptables, the bus that firewalld
    // answers on) and no ufw. A network namespace shares both with the machine, and whoever finds a manager there would
    // write its rules into the machine's own filter.
    private const string Apart = "mount -t tmpfs tmpfs /run && { [ ! -d /etc/ufw ] || mount -t tmpfs tmpfs /etc/ufw; } "
        + "&& exec \"$@\"";

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    // Asked by every test that is skipped without, and the same for all of them.
    private static readonly Lazy<string?> Forbidden = new(TryOnce);
    private static int _count;
    private readonly Lazy<int> _mounts;

    private NetworkNamespace(string name, IPAddress outside, IPAddress inside)
    {
        Name = name;
        Outside = outside;
        Inside = inside;
        _mounts = new Lazy<int>(KeepMounts);
    }

    public string Name { get; }

    /// <summary>The name of this end of the link; empty for a namespace that has none.</summary>
    public string Near { get; private init; } = string.Empty;

    /// <summary>This end of the link, as the namespace sees it.</summary>
    public IPAddress Outside { get; }

    /// <summary>The namespace's end of the link.</summary>
    public IPAddress Inside { get; }

    /// <summary>Why no namespace can be made here, or null when one can.</summary>
    public static string? WhyNot(params string[] tools)
    {
        if (ThisMachine.WhyNotRoot is { } reason)
        {
            return reason;
        }

        string[] folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/bin"];
        string[] missing = tools.Append("ip").Where(t => !folders.Any(f => File.Exists(Path.Combine(f, t)))).ToArray();
        return missing.Length > 0 ? "not installed: " + string.Join(", ", missing) : Forbidden.Value;
    }

    public static NetworkNamespace Create()
    {
        int number = Interlocked.Increment(ref _count);
        string name = FormattableString.Invariant($"sea-{Environment.ProcessId}-{number}");
        string near = FormattableString.Invariant($"sa{Environment.ProcessId}x{number}");
        // A /30 of its own per process and namespace, out of 10.192.0.0/10, so that test runs side by side do not meet,
        // nor a test that takes a minute with the many that are made meanwhile.
        int block = (((Environment.ProcessId * 256) + (number % 256)) & 0xFFFFF) << 2;
        IPAddress At(int host) => new(
            [10, (byte)(192 + (block >> 16)), (byte)(block >> 8), (byte)((block & 0xFF) + host)]);
        var made = new NetworkNamespace(name, At(1), At(2)) { Near = near };
        Must("ip", "netns", "add", name);
        try
        {
            Must("ip", "link", "add", near, "type", "veth", "peer", "name", "eth0", "netns", name);
            Must("ip", "addr", "add", $"{made.Outside}/30", "dev", near);
            Must("ip", "link", "set", near, "up");
            made.Run("ip", "addr", "add", $"{made.Inside}/30", "dev", "eth0");
            made.Run("ip", "link", "set", "eth0", "up");
            made.Run("ip", "link", "set", "lo", "up");
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>A namespace with its loopback only: it reaches what <see cref="Link"/> gives it.</summary>
    public static NetworkNamespace CreateAlone()
    {
        string name = FormattableString.Invariant(
            $"sea-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        var made = new NetworkNamespace(name, IPAddress.None, IPAddress.None);
        Must("ip", "netns", "add", name);
        try
        {
            made.Run("ip", "link", "set", "lo", "up");
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>A link between two namespaces, a /30 that nobody outside of them sees.</summary>
    public static void Link(NetworkNamespace one, IPAddress oneAddress, NetworkNamespace other, IPAddress otherAddress)
    {
        string near = FormattableString.Invariant($"to{Interlocked.Increment(ref _count)}");
        string far = FormattableString.Invariant($"to{Interlocked.Increment(ref _count)}");
        Must("ip", "-n", one.Name, "link", "add", near, "type", "veth", "peer", "name", far, "netns", other.Name);
        one.Run("ip", "addr", "add", $"{oneAddress}/30", "dev", near);
        other.Run("ip", "addr", "add", $"{otherAddress}/30", "dev", far);
        one.Run("ip", "link", "set", near, "up");
        other.Run("ip", "link", "set", far, "up");
    }

    /// <summary>What a command inside begins with; it becomes that command, so signals reach it.</summary>
    public static string[] Enter(string name) => ["ip", "netns", "exec", name, "sh", "-c", Apart, "sh"];

    /// <summary>
    /// The same by file systems that are made once and kept: for the many short tools that a test has run, of which each
    /// would else make and unmake its own.
    /// </summary>
    public string[] Entrance() => [
        "nsenter", $"--net=/run/netns/{Name}",
        FormattableString.Invariant($"--mount=/proc/{Environment.ProcessId}/fd/{_mounts.Value}"), "--"];

    /// <summary>Runs a program inside; throws with its output when it fails.</summary>
    public string Run(string program, params string[] arguments)
    {
        string[] enter = Enter(Name);
        return Must(enter[0], [.. enter[1..], program, .. arguments]);
    }

    /// <summary>Runs one line of shell inside, as an admin who pastes it would.</summary>
    public string Shell(string line) => Run("sh", "-c", line);

    /// <summary>
    /// Runs code inside, on a thread of its own: a socket belongs for good to the namespace it was made in.
    /// </summary>
    public T Make<T>(Func<T> make)
    {
        T? result = default;
        Exception? fault = null;
        var thread = new Thread(() =>
        {
            try
            {
                Join();
                result = make();
            }
            catch (Exception e)
            {
                fault = e;
            }
        })
        { IsBackground = true };
        thread.Start();
        if (!thread.Join(Bound))
        {
            throw new TimeoutException("The code inside the namespace did not end.");
        }

        return fault is null ? result! : throw new InvalidOperationException("Failed inside the namespace.", fault);
    }

    public void Dispose()
    {
        // By name: it would go with the namespace, but that lives for as long as any process inside, and its addresses.
        if (Near.Length > 0)
        {
            Execute("ip", ["link", "del", Near]);
        }

        Execute("ip", ["netns", "del", Name]);
        if (_mounts.IsValueCreated)
        {
            _ = Close(_mounts.Value);
        }
    }

    /// <summary>Removes what this process made and did not remove: where making broke off half way.</summary>
    public static void DeleteLeft() => DeleteLeft(maker => maker == Environment.ProcessId);

    private static void DeleteLeft(Predicate<int> isLeftBy)
    {
        foreach (string line in Execute("ip", ["netns", "list"]).Output.Split('\n'))
        {
            string name = line.Split(' ')[0];
            if (name.Split('-') is ["sea", var maker, _] && int.TryParse(maker, out int id) && isLeftBy(id))
            {
                Execute("ip", ["netns", "del", name]);
            }
        }
    }

    // Before the first of this run: those of runs that were killed, whose process is gone.
    private static string? TryOnce()
    {
        DeleteLeft(maker => !Directory.Exists(FormattableString.Invariant($"/proc/{maker}")));
        string probe = FormattableString.Invariant(
            $"sea-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        if (Execute("ip", ["netns", "add", probe]) is { Exit: not 0 } failed)
        {
            return "no namespace may be made here: " + failed.Output.Trim();
        }

        Execute("ip", ["netns", "del", probe]);
        return null;
    }

    // Held by its descriptor alone, so that no number of a process is named that may be another's later.
    private int KeepMounts()
    {
        string[] enter = Enter(Name);
        using Process maker = Process.Start(new ProcessStartInfo(enter[0], [.. enter[1..], "sh", "-c", "echo; read x"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Task<string?> ready = maker.StandardOutput.ReadLineAsync();
        int kept = ready.Wait(Bound) && ready.Result is not null
            ? Open(FormattableString.Invariant($"/proc/{maker.Id}/ns/mnt"), CloseOnExec) : -1;
        maker.StandardInput.Close();
        maker.WaitForExit(Bound);
        return kept >= 0 ? kept : throw new InvalidOperationException($"No file systems of its own for {Name}.");
    }

    private void Join()
    {
        // Not a FileStream: what stands for a namespace cannot be sought in, and that would be tried.
        int space = Open("/run/netns/" + Name, 0);
        if (space < 0 || SetNs(space, CloneNewNet) != 0)
        {
            throw new InvalidOperationException($"setns failed: errno {Marshal.GetLastPInvokeError()}");
        }

        _ = Close(space);
    }

    private static string Must(string program, params string[] arguments)
    {
        (int exit, string output) = Execute(program, arguments);
        return exit == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {exit} {output}");
    }

    private static (int Exit, string Output) Execute(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Bound) || !Task.WhenAll(error, output).Wait(Bound))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(program + " did not end.");
        }

        return (process.ExitCode, output.Result + error.Result);
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNs(int fileDescriptor, int kind);

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false)]
    private static extern int Open([MarshalAs(UnmanagedType.LPStr)] string path, int flags);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int fileDescriptor);
}
