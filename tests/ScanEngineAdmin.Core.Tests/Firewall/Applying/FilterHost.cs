using System.Diagnostics;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>
/// A host of its own with a filter that drops what comes in: a network namespace, and for ufw and firewalld, which
/// write to /etc and want a D-Bus, file systems and processes of its own as well. The machine's are never touched.
/// </summary>
internal sealed partial class FilterHost : IDisposable
{
    public static readonly Lazy<string?> WhyNoSandbox = new(static () =>
    {
        try
        {
            using FilterHost probe = new(FilterKind.Ufw, "true");
            return null;
        }
        catch (InvalidOperationException e)
        {
            return "no sandbox with overlays may be made here: " + e.Message;
        }
    });

    private const string Elements = "grep -v -e '<?xml' -e 'direct>' -e '<short>' -e '<description>'";
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);
    private readonly Process? _init;
    private readonly string[] _enter;

    public FilterHost(FilterKind kind)
        : this(kind, Setup(kind))
    {
    }

    private FilterHost(FilterKind kind, string setup)
    {
        Kind = kind;
        Net = NetworkNamespace.Create();
        Folder = Directory.CreateTempSubdirectory("sea-filter-").FullName;
        _enter = Net.Entrance();
        try
        {
            if (kind is not (FilterKind.Ufw or FilterKind.Firewalld))
            {
                Net.Shell(setup);
                return;
            }

            _init = Start(setup, out string pid);

            // Only where this sandbox's mark is: once its first process has ended, its number may be that of a process
            // of the machine, and what a test still has running would go to the machine's own filter.
            _enter = [
                "nsenter", "-t", pid, "-n", "-m", "-p", "--",
                "sh", "-c", $"[ -e /run/{Net.Name} ] && exec \"$@\"", "sh"];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public FilterKind Kind { get; }

    public NetworkNamespace Net { get; }

    /// <summary>Where the applier keeps its lock and what it did.</summary>
    public string Folder { get; }

    public FirewallProvider Provider => Kind switch
    {
        FilterKind.Nftables => FirewallProvider.Nftables,
        FilterKind.Ufw => FirewallProvider.Ufw,
        FilterKind.Firewalld => FirewallProvider.Firewalld,
        _ => FirewallProvider.Iptables,
    };

    public HostTools HostTools => new(RunAsync, false, Folder, TimeProvider.System);

    public static string[] Tools(FilterKind kind) => kind switch
    {
        FilterKind.Nftables => ["nft", "setsid", "flock"],
        FilterKind.Iptables => ["iptables", "ip6tables", "setsid", "flock"],
        FilterKind.IptablesLegacy => ["iptables-legacy", "ip6tables-legacy"],
        FilterKind.Ufw => ["ufw", "unshare", "nsenter", "setsid", "flock"],
        _ => ["firewalld", "firewall-cmd", "dbus-daemon", "unshare", "nsenter", "setsid", "flock"],
    };

    public async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        string tool = Kind == FilterKind.IptablesLegacy
            ? call.Tool.Replace("tables", "tables-legacy", StringComparison.Ordinal)
            : call.Tool;
        ToolResult said = await ToolRunner.RunAsync(
            new ToolCall(_enter[0], [.. _enter[1..], tool, .. call.Arguments], call.Input), cancellationToken);

        // The shell's word for a tool that is not installed.
        return said.ExitCode == 127 ? ToolResult.Missing : said;
    }

    public async Task<string> ShellAsync(string line)
    {
        // Not the tool runner: a script of many slow commands may take longer than one of them is given.
        var start = new ProcessStartInfo(_enter[0], [.. _enter[1..], "sh", "-c", line])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Bound);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{line}: {await output} {await error}");
    }

    /// <summary>
    /// All rules, without what moves by itself: as the provider lists them, or, where that takes seconds, as the kernel
    /// has them and the files that are kept.
    /// </summary>
    public async Task<string> DumpAsync() => EmptyTable().Replace(Counters().Replace(
        await ShellAsync(Kind switch
        {
            FilterKind.Nftables => "nft list ruleset",
            FilterKind.Iptables => "iptables -S; ip6tables -S",
            FilterKind.IptablesLegacy => "iptables-legacy -S; ip6tables-legacy -S",
            FilterKind.Ufw => "ufw status verbose",
            // Of a zone that has no file of its own, the one that it is made of.
            _ => "nft list ruleset; cd /etc/firewalld; for z in /usr/lib/firewalld/zones/*.xml; do "
                + "echo $z; cat zones/${z##*/} 2>/dev/null || cat $z; done | " + Elements + "; "
                + "cat policies/*.xml direct.xml 2>/dev/null | " + Elements + " || true",
        }), string.Empty), string.Empty);

    public void Dispose()
    {
        if (_init is not null)
        {
            // The first process of its space: with it go all others, and with them the mounts.
            _init.StandardInput.Close();
            if (!_init.WaitForExit(Bound))
            {
                _init.Kill(entireProcessTree: true);
            }

            _init.Dispose();
        }

        Net.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string Setup(FilterKind kind) => kind switch
    {
        FilterKind.Nftables => "nft -f - <<'X'\ntable inet filter {\n"
            + "chain input { type filter hook input priority 0; policy drop; ct state established accept; "
            + "meta l4proto { icmp, icmpv6 } accept; }\n"
            + "chain output { type filter hook output priority 0; policy accept; }\n}\nX",
        FilterKind.Iptables =>
            "iptables -P INPUT DROP && iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT; ip6tables -S",
        FilterKind.IptablesLegacy => "iptables-legacy -P INPUT DROP && "
            + "iptables-legacy -A INPUT -m state --state ESTABLISHED -j ACCEPT; ip6tables-legacy -S",
        // Whatever the machine itself has is not part of it.
        FilterKind.Ufw => "ufw --force reset; ufw --force enable",
        _ => "mkdir -p /run/dbus; dbus-daemon --system --fork --nopidfile; firewalld --nopid; n=0; "
            + "until firewall-cmd --state; do n=$((n+1)); [ $n -lt 100 ]; sleep 0.2; done",
    };

    private Process Start(string setup, out string pid)
    {
        const string Spaces = """
            set -eu
            read -r pid rest </proc/self/stat
            mount --make-rprivate /
            mount -t tmpfs tmpfs /mnt
            mkdir /mnt/eu /mnt/ew /mnt/vu /mnt/vw
            mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/eu,workdir=/mnt/ew /etc
            mount -t overlay overlay -o lowerdir=/var/lib,upperdir=/mnt/vu,workdir=/mnt/vw /var/lib
            mount -t tmpfs tmpfs /run
            mount -t tmpfs tmpfs /var/log
            mount -t proc proc /proc
            : >"/run/$0"
            """;
        var start = new ProcessStartInfo("ip", [
            "netns", "exec", Net.Name, "unshare", "-m", "-p", "--fork", "sh", "-c",
            $"{Spaces}\n{{ {setup}; }} >&2 </dev/null\necho ready $pid\nexec cat >/dev/null\n", Net.Name])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process init = Process.Start(start)!;
        var said = new System.Text.StringBuilder();
        init.ErrorDataReceived += (_, e) => said.AppendLine(e.Data);
        init.BeginErrorReadLine();
        Task<string?> line = init.StandardOutput.ReadLineAsync();
        if (!line.Wait(Bound) || line.Result is not { } ready || !ready.StartsWith("ready ", StringComparison.Ordinal))
        {
            init.Kill(entireProcessTree: true);
            init.Dispose();
            throw new InvalidOperationException("The sandbox did not come up: " + said);
        }

        pid = ready["ready ".Length..];
        return init;
    }

    [GeneratedRegex(@"packets \d+ bytes \d+")]
    private static partial Regex Counters();

    // What firewalld makes for its first direct rule, and leaves.
    [GeneratedRegex(
        @"table ip6? filter \{\s*(chain \w+ \{\s*type filter hook \w+ priority filter; policy accept;\s*\}\s*)+\}\s*")]
    private static partial Regex EmptyTable();
}
