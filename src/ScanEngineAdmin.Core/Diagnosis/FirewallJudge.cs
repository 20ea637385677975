using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// The verdict out of what both ends saw. What the dialling end sees by itself (a wrong node, a refusal) needs no
/// second witness; who drops or rejects a connection does.
/// </summary>
internal static class FirewallJudge
{
    private const string OneEnd =
        "From one end it cannot be known which side it is: the other end could not be asked.";

    public static (FirewallVerdict Verdict, string Detail) Judge(DiallerView dialler, ReachabilityReport? listener)
    {
        if (dialler.LosesLargePackets)
        {
            return (FirewallVerdict.PathMtu, $"Large packets are lost on the way, small ones pass. {dialler.Text}");
        }

        if (dialler.Succeeded)
        {
            return (FirewallVerdict.Ok, dialler.Text);
        }

        if (!Enum.TryParse(dialler.Fault, out ChannelFault fault) || !Enum.IsDefined(fault))
        {
            return (FirewallVerdict.Unknown, dialler.Text);
        }

        return fault switch
        {
            ChannelFault.NameNotResolved => (FirewallVerdict.NameNotResolved, dialler.Text),
            ChannelFault.HostUnreachable => (FirewallVerdict.HostAbsent, dialler.Text),
            ChannelFault.WrongService => (FirewallVerdict.WrongService, dialler.Text),
            ChannelFault.TlsIntercepted => (FirewallVerdict.TlsInterception, dialler.Text),
            ChannelFault.PeerNotTrusted => (FirewallVerdict.WrongPeer, dialler.Text),
            ChannelFault.VersionMismatch => (FirewallVerdict.VersionMismatch, dialler.Text),
            ChannelFault.Refused => (Refused(dialler.Refusal), dialler.Text),
            ChannelFault.ConnectTimedOut or ChannelFault.AdminProhibited or ChannelFault.ConnectionRefused =>
                Blocked(fault, dialler, listener),
            ChannelFault.HandshakeTimedOut or ChannelFault.HandshakeFailed => Unanswered(dialler, listener),
            _ => (FirewallVerdict.Unknown, dialler.Text),
        };
    }

    /// <summary>The dialled host looked at itself and nobody dialled: only what it lacks is certain.</summary>
    public static (FirewallVerdict Verdict, string Detail) Judge(ReachabilityReport listener, string notAsked) =>
        listener.Listener is ListenerState.None or ListenerState.Other or ListenerState.LoopbackOnly
            ? (FirewallVerdict.NotListening, listener.ListenerText)
            : (FirewallVerdict.Unknown, $"This end: {listener.ListenerText} {listener.RuleText} {notAsked}");

    private static FirewallVerdict Refused(string? code) =>
        Enum.TryParse(code, out RefusalCode refusal) && Enum.IsDefined(refusal)
            ? refusal switch
            {
                RefusalCode.NotPaired or RefusalCode.Pending or RefusalCode.Denied or RefusalCode.Revoked
                    or RefusalCode.IdentityConflict or RefusalCode.BadCertificate => FirewallVerdict.NotAuthorized,
                RefusalCode.WrongDirection => FirewallVerdict.WrongDirection,
                RefusalCode.WrongRole => FirewallVerdict.WrongPeer,
                RefusalCode.Incompatible or RefusalCode.BadHello => FirewallVerdict.VersionMismatch,
                _ => FirewallVerdict.Unknown,
            }
            : FirewallVerdict.Unknown;

    private static (FirewallVerdict Verdict, string Detail) Blocked(
        ChannelFault fault, DiallerView dialler, ReachabilityReport? listener)
    {
        string silently = fault == ChannelFault.ConnectTimedOut ? "drops" : "rejects";
        if (listener is null)
        {
            string rule = dialler.Rule == FirewallTestOutcome.Failed ? $" The dialling host: {dialler.RuleText}" : "";
            return (FirewallVerdict.Unknown, $"{dialler.Text} {OneEnd}{rule}");
        }

        string idle = listener.Listener is ListenerState.None or ListenerState.LoopbackOnly
            ? $" Besides: {listener.ListenerText}"
            : string.Empty;
        if (listener.Arrived == true)
        {
            return (
                FirewallVerdict.Unknown,
                $"{dialler.Text} But connections do arrive: {listener.ArrivedText} Try again: it may come and go.");
        }

        if (dialler.Rule == FirewallTestOutcome.Failed)
        {
            string both = listener.Rule == FirewallTestOutcome.Failed
                ? $" The other host too: {listener.RuleText}"
                : "";
            return (
                FirewallVerdict.DialerOutbound,
                $"The dialling host's own filter {silently} it: {dialler.RuleText}{both}{idle}");
        }

        // A refusal is what a port without a listener answers by itself; silence never is.
        if (fault == ChannelFault.ConnectionRefused && idle.Length > 0)
        {
            return (FirewallVerdict.NotListening, listener.ListenerText + Elsewhere(listener));
        }

        if (listener.Rule == FirewallTestOutcome.Failed)
        {
            return (
                FirewallVerdict.ListenerInbound,
                $"The dialled host's own filter {silently} it: {listener.RuleText} {listener.ArrivedText}{idle}");
        }

        return dialler.Rule == FirewallTestOutcome.Passed && listener.Rule == FirewallTestOutcome.Passed
            ? (
                FirewallVerdict.Path,
                $"Something between the two hosts {silently} it: neither host's packet filter does, and it did not "
                + $"arrive. {listener.ArrivedText}{idle}{Besides("dialling", dialler.RuleText)}"
                + Besides("dialled", listener.RuleText))
            : (
                FirewallVerdict.Unknown,
                $"{dialler.Text} {listener.ArrivedText} Which side {silently} it is not certain. The dialling host: "
                + $"{dialler.RuleText} The dialled host: {listener.RuleText}{idle}");
    }

    private static (FirewallVerdict Verdict, string Detail) Unanswered(
        DiallerView dialler, ReachabilityReport? listener) => listener switch
        {
            { Listener: ListenerState.Other } =>
                (FirewallVerdict.WrongService, $"{dialler.Text} {listener.ListenerText}"),
            // It was connected to something, and that was not the node.
            { Listener: ListenerState.Ours or ListenerState.None, Arrived: false } => (
                FirewallVerdict.WrongService,
                $"Something else answers in the node's place: {dialler.Text} {listener.ArrivedText}"),
            null => (FirewallVerdict.Unknown, $"{dialler.Text} {OneEnd}"),
            _ => (FirewallVerdict.Unknown, $"{dialler.Text} {listener.ListenerText} {listener.ArrivedText}"),
        };

    // What a host has beside its packet filter may deny as well, and nobody asked it.
    private static string Besides(string which, string rule) =>
        rule.Contains(LocalRuleProbe.Besides, StringComparison.Ordinal) ? $" Or the {which} host itself: {rule}" : "";

    private static string Elsewhere(ReachabilityReport listener) => listener.ListenPort is { } port
        ? FormattableString.Invariant($" The node there listens on TCP {port}.")
        : string.Empty;
}
