using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Reads a host's filter whole, without changing it: only tools that list are run, and never those that make tables by
/// listing them.
/// </summary>
internal sealed partial class HostFilterReader(
    Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run)
{
    /// <exception cref="RehearsalException">It cannot be read whole.</exception>
    public async Task<HostFilter> ReadAsync(CancellationToken cancellationToken)
    {
        Task<ToolResult> nft = run("nft", ["list", "ruleset"], cancellationToken);
        Task<ToolResult> code = run(RuleSelectors.Call.Tool, RuleSelectors.Call.Arguments, cancellationToken);
        Task<ToolResult> sets = run("ipset", ["save"], cancellationToken);
        Task<ToolResult> links = run("ip", ["-j", "addr", "show"], cancellationToken);
        Task<ToolResult>[] rules = [
            run("ip", ["-j", "rule", "show"], cancellationToken),
            run("ip", ["-6", "-j", "rule", "show"], cancellationToken)];
        IReadOnlySet<string> ofNft = RuleSelectors.OfNft(await code.ConfigureAwait(false));
        SavedTables[] tables = [.. (await SavedAsync(cancellationToken).ConfigureAwait(false))
            .Select(t => t.Manager == "iptables-nft" ? t with { Text = Without(t, ofNft) } : t)
            .Where(static t => t.Text.Contains('*', StringComparison.Ordinal))];
        ToolResult ruleset = await nft.ConfigureAwait(false);
        ToolResult ipset = await sets.ConfigureAwait(false);
        (HostLink Link, bool Xdp)[] all = Json(
            await links.ConfigureAwait(false), "ip addr show", static l => (Link(l), l["xdp"] is not null));
        ToolResult[] routing = await Task.WhenAll(rules).ConfigureAwait(false);
        if (ruleset is { Found: true, Succeeded: false })
        {
            throw Unreadable("nft list ruleset", ruleset);
        }

        if (ipset is { Found: true, Succeeded: false }
            && tables.Any(static t => t.Text.Contains("--match-set", StringComparison.Ordinal)))
        {
            throw Unreadable("ipset save", ipset);
        }

        // A comment may have lines of its own, which must not be taken for the listing's.
        string listed = ruleset.Succeeded
            ? RuleWords.Texts().Replace(ruleset.Output, static text => text.Value.Replace('\n', ' ')) : string.Empty;
        string native = Native(listed, tables);
        return new HostFilter(
            native, tables, ipset.Succeeded ? ipset.Output : string.Empty, [.. all.Select(static l => l.Link)])
        {
            Selectors = RuleSelectors.Read(await code.ConfigureAwait(false), native, tables),
            Beside = [.. Tables().Matches(listed).Select(static m => $"table {m.Groups[1].Value}"),
                .. all.Where(static l => l.Xdp).Select(static l => $"an XDP program on {l.Link.Name}"),
                .. routing.Where(static r => r.Succeeded)
                    .SelectMany(static r => Json(r, "ip rule show", static rule => rule.Value<int>("priority")))
                    .Where(static priority => priority is not (0 or 32766 or 32767)).Take(1)
                    .Select(static _ => "routing rules (ip rule)")],
        };
    }

    /// <summary>What iptables saves, of both families and each backend that has tables.</summary>
    /// <exception cref="RehearsalException">It cannot be read.</exception>
    public async Task<IReadOnlyList<SavedTables>> SavedAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<SavedTables>[] saved = await Task.WhenAll(
            SavedAsync("ip", cancellationToken), SavedAsync("ip6", cancellationToken)).ConfigureAwait(false);
        return [.. saved.SelectMany(static s => s)];
    }

    /// <summary>How packets of that peer come and go; null where this host has no address of its family.</summary>
    /// <exception cref="RehearsalException">Its interface is not known.</exception>
    public async Task<PeerRoute?> RouteAsync(HostFilter filter, IPAddress peer, CancellationToken cancellationToken)
    {
        // Only the tools of the host know its routes; a peer of the link itself is named with its interface.
        string bare = new IPAddress(peer.GetAddressBytes()).ToString();
        HostLink? scoped = peer.IsIPv6LinkLocal ? filter.Links.FirstOrDefault(l => l.Index == peer.ScopeId) : null;
        ToolResult said = await run(
            "ip", ["-j", "route", "get", bare, .. scoped is null ? (string[])[] : ["dev", scoped.Name]],
            cancellationToken).ConfigureAwait(false);
        if (!said.Succeeded)
        {
            // The filter can be asked all the same: as if the peer came by the first interface of its family.
            HostLink? any = filter.Links.FirstOrDefault(
                l => l.Name != "lo" && l.Addresses.Any(a => a.Address.AddressFamily == peer.AddressFamily));
            return any is null ? null : new PeerRoute(any, Own(any, peer), null);
        }

        (string name, string? from, bool local, string? gateway) = Json(said, "ip route get", static route => (
            route.Value<string>("dev") ?? "lo",
            route.Value<string>("prefsrc"),
            route.Value<string>("type") == "local",
            route.Value<string>("gateway") ?? route["via"]?.Value<string>("host"))) is [var first, ..]
            ? first
            : throw Unreadable("ip route get", said);
        IPAddress? own = IPAddress.TryParse(from, out IPAddress? source) ? source : null;
        if (local || name == "lo")
        {
            return new PeerRoute(null, own ?? peer, null);
        }

        HostLink link = filter.Links.FirstOrDefault(l => l.Name == name)
            ?? throw new RehearsalException($"The interface {name} towards {AnyPeer.Name(peer)} is not listed.");
        ToolResult neighbour = await run(
            "ip", ["-j", "neigh", "show", "to", gateway ?? bare, "dev", name], cancellationToken).ConfigureAwait(false);
        string? mac = neighbour.Succeeded
            ? Json(neighbour, "ip neigh show", static n => n.Value<string>("lladdr")).FirstOrDefault()
            : null;
        return new PeerRoute(link, own ?? Own(link, peer), Mac(mac))
        { Gateway = IPAddress.TryParse(gateway, out IPAddress? router) ? router : null };
    }

    /// <summary>Programs that look at packets before or after the filter does.</summary>
    public async Task<IReadOnlyList<string>> BesideAsync(HostLink link, CancellationToken cancellationToken)
    {
        ToolResult[] said = await Task.WhenAll(
            run("tc", ["filter", "show", "dev", link.Name, "ingress"], cancellationToken),
            run("tc", ["filter", "show", "dev", link.Name, "egress"], cancellationToken)).ConfigureAwait(false);
        return said.Any(static s => s.Succeeded && s.Output.Contains("filter", StringComparison.Ordinal))
            ? [$"filters of tc on {link.Name}"]
            : [];
    }

    internal static byte[]? Mac(string? text)
    {
        string[] parts = text?.Split(':') ?? [];
        return parts.Length == 6 && parts.All(static p => byte.TryParse(
            p, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _))
            ? [.. parts.Select(static p => byte.Parse(p, NumberStyles.HexNumber, CultureInfo.InvariantCulture))]
            : null;
    }

    /// <summary>The native tables that packets of this host's own meet, as a rule set that can be loaded.</summary>
    internal static string Native(string ruleset, IEnumerable<SavedTables> saved)
    {
        HashSet<string> owned = [.. saved.SelectMany(static s => s.NativeTables)];
        var text = new StringBuilder();
        var table = new StringBuilder();
        bool wanted = false;
        foreach (string line in ruleset.Split('\n'))
        {
            if (line.StartsWith("table ", StringComparison.Ordinal))
            {
                string[] words = line.Split(' ');
                wanted = words.Length > 3 && words[1] is "ip" or "ip6" or "inet" or "netdev"
                    && !owned.Contains($"{words[1]} {words[2]}");
                table.Clear();
            }

            if (line.StartsWith("\tflags ", StringComparison.Ordinal))
            {
                // A dormant table filters nothing, and some versions of nft cannot list one as JSON.
                wanted &= !IsDormant(line);
                table.Append(Flags(line)).Append('\n');
            }
            else
            {
                table.Append(line).Append('\n');
            }

            if (line == "}")
            {
                text.Append(wanted ? table : null);
                wanted = false;
            }
        }

        return text.ToString();
    }

    /// <summary>Whether a line of a listing says that its table is not in force.</summary>
    internal static bool IsDormant(string line) => line.StartsWith("\tflags ", StringComparison.Ordinal)
        && line["\tflags ".Length..].Split(',', StringSplitOptions.TrimEntries).Contains("dormant");

    // A table that belongs to a process goes with it: the copy's would go with the tool that loads it.
    private static string Flags(string line)
    {
        string[] kept = [.. line["\tflags ".Length..].Split(',', StringSplitOptions.TrimEntries)
            .Where(static f => f is not ("owner" or "persist"))];
        return kept.Length == 0 ? string.Empty : "\tflags " + string.Join(',', kept);
    }

    private static IPAddress Own(HostLink link, IPAddress peer) => link.Addresses
        .Where(a => a.Address.AddressFamily == peer.AddressFamily)
        .OrderBy(a => a.Address.IsIPv6LinkLocal != peer.IsIPv6LinkLocal)
        .Select(static a => a.Address).FirstOrDefault()
        ?? throw new RehearsalException(
            $"The interface {link.Name} has no address that {AnyPeer.Name(peer)} could reach.");

    private async Task<IReadOnlyList<SavedTables>> SavedAsync(string family, CancellationToken cancellationToken)
    {
        string tool = family + "tables";
        ToolResult[] both = await Task.WhenAll(
            run(tool + "-nft-save", [], cancellationToken),
            run(tool + "-legacy-save", [], cancellationToken)).ConfigureAwait(false);
        string[] managers = ["iptables-nft", "iptables-legacy"];
        if (both.All(static b => !b.Found))
        {
            ToolResult only = await run(tool + "-save", [], cancellationToken).ConfigureAwait(false);
            if (!only.Found)
            {
                return [];
            }

            ToolResult version = await run(tool, ["-V"], cancellationToken).ConfigureAwait(false);
            both = [only];
            managers = [version.Output.Contains("nf_tables", StringComparison.Ordinal) ? managers[0] : managers[1]];
        }

        var found = new List<SavedTables>();
        foreach ((ToolResult one, string manager) in both.Zip(managers))
        {
            if (one is { Found: true, Succeeded: false })
            {
                throw Unreadable($"{tool}-save", one);
            }

            string text = Text(one.Output);
            if (text.Contains('*', StringComparison.Ordinal))
            {
                found.Add(new SavedTables(family, manager, text + "\n"));
            }
        }

        return found;
    }

    /// <summary>
    /// What -save says of the tables that are iptables' own. A table of the same name that nft made is listed as if it
    /// were empty, with a remark: that one is native.
    /// </summary>
    internal static string Text(string saved) => Without(saved, Foreign().Matches(saved)
        .Select(static m => "*" + m.Groups[1].Value).ToHashSet(StringComparer.Ordinal));

    private static string Without(SavedTables saved, IReadOnlySet<string> native) => Without(
        saved.Text, native.Where(table => table.StartsWith(saved.Family + " ", StringComparison.Ordinal))
            .Select(table => "*" + table[(saved.Family.Length + 1)..]).ToHashSet(StringComparer.Ordinal)) + "\n";

    private static string Without(string saved, HashSet<string> foreign)
    {
        var text = new List<string>();
        bool wanted = true;
        foreach (string line in saved.Split('\n').Where(static l => l.Length > 0 && l[0] != '#'))
        {
            wanted = line[0] == '*' ? !foreign.Contains(line.Trim()) : wanted;
            if (wanted)
            {
                text.Add(line);
            }
        }

        return string.Join('\n', text);
    }

    private static HostLink Link(JObject link)
    {
        bool ethernet = link.Value<string>("link_type") == "ether";
        return new HostLink(
            link.Value<string>("ifname") ?? string.Empty, ethernet,
            ethernet ? link.Value<string>("address") ?? string.Empty : string.Empty,
            [.. (link["addr_info"] as JArray ?? []).Where(static a => a["local"] is not null)
                .Select(static a => (IPAddress.Parse(a.Value<string>("local")!), a.Value<int>("prefixlen")))
                .Where(static a => a.Item1.AddressFamily is AddressFamily.InterNetwork
                    or AddressFamily.InterNetworkV6)])
        {
            Index = link.Value<int>("ifindex"),
            Group = link.Value<string>("group") ?? "default",
            Upon = link.Value<string>("link"),
            PartOf = link.Value<string>("master"),
        };
    }

    private static T[] Json<T>(ToolResult said, string what, Func<JObject, T> read)
    {
        if (!said.Found)
        {
            throw new RehearsalException($"'{what}' cannot be run: iproute2 is not installed.");
        }

        // Nothing to list is no text at all.
        string text = string.IsNullOrWhiteSpace(said.Output) ? "[]" : said.Output;
        return said.Succeeded
            ? ForeignJson.Read<T[]>(
                text, all => [.. ((JArray)all).OfType<JObject>().Select(read)], _ => Unreadable(what, said))
            : throw Unreadable(what, said);
    }

    private static RehearsalException Unreadable(string what, ToolResult said) =>
        new($"'{what}' cannot be read by this user or on this host: {FirstLine(said)}.");

    // What looks for the peer's interface, and what a port of a bridge lets through.
    [GeneratedRegex(@"^table ((?:arp|bridge) \S+) \{\n(?:(?!\}).*\n)*?\t\ttype filter hook", RegexOptions.Multiline)]
    private static partial Regex Tables();

    [GeneratedRegex("^# Table `(\\w+)' (?:contains|is) incompatible", RegexOptions.Multiline)]
    private static partial Regex Foreign();

    private static string FirstLine(ToolResult said) =>
        said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()?.Trim() is { } line
            ? line.TrimEnd('.')
            : FormattableString.Invariant($"exit code {said.ExitCode}");
}
