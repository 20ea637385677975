using System.Net;
using System.Net.NetworkInformation;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>What this host has on a port, in a state and in words.</summary>
internal sealed record ListenerStatus(ListenerState State, string Text)
{
    /// <param name="port">The port that should be listened on.</param>
    /// <param name="ours">The node's process; null where it is not known.</param>
    /// <param name="isOwn">Whether the asking process itself is the node and listens there: no table need be
    /// trusted.</param>
    /// <param name="loopbackWanted">Whether the node is dialled over loopback, so that nothing more is needed.</param>
    /// <param name="read">Tests give their own table.</param>
    public static ListenerStatus At(
        int port, int? ours, bool isOwn, bool loopbackWanted, Func<int, IReadOnlyList<LocalListener>>? read = null)
    {
        IReadOnlyList<LocalListener> listeners;
        try
        {
            listeners = (read ?? LocalListener.On)(port);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NetworkInformationException)
        {
            return new ListenerStatus(
                ListenerState.Unknown, $"What listens on this host cannot be read: {e.Message}");
        }

        if (listeners.Count == 0)
        {
            return new ListenerStatus(
                ListenerState.None, FormattableString.Invariant($"Nothing listens on TCP {port} here."));
        }

        string bound = string.Join("; ", listeners.Select(static l => $"{l.EndPoint} by {l.Owner}"));
        if (!isOwn && ours is { } process && listeners.All(l => l.ProcessId is { } id && id != process))
        {
            return new ListenerStatus(
                ListenerState.Other,
                FormattableString.Invariant($"Bound, but not by the node (process {process}): {bound}."));
        }

        if (!loopbackWanted && listeners.All(static l => IPAddress.IsLoopback(l.EndPoint.Address)))
        {
            return new ListenerStatus(
                ListenerState.LoopbackOnly, $"Bound to loopback only, which no other host can reach: {bound}.");
        }

        bool ownerless = !isOwn && ours is null && listeners.All(static l => l.ProcessId is null);
        return new ListenerStatus(ownerless ? ListenerState.Unknown : ListenerState.Ours, $"Bound: {bound}.");
    }
}
