namespace ScanEngineAdmin.Channel;

/// <summary>
/// The identities of one node: the present one, and beside it the other while its certificate is being replaced. They
/// can be exchanged while channels are open and connections come in; what is open keeps what it was opened with.
/// </summary>
public sealed class NodeKeys : IDisposable
{
    private readonly object _gate = new();
    private readonly List<NodeIdentity> _retired = [];
    private volatile Pair _pair;
    private bool _disposed;

    public NodeKeys(NodeIdentity present, NodeIdentity? other = null)
    {
        ArgumentNullException.ThrowIfNull(present);
        _pair = new Pair(present, other, ShowsOther: true);
    }

    /// <summary>What is shown to whoever does not ask for the other one by name.</summary>
    public NodeIdentity Present => _pair.Present;

    /// <summary>The other one while the certificate is replaced; null otherwise.</summary>
    public NodeIdentity? Other => _pair.Other;

    /// <summary>
    /// Exchanges them. One that is neither any more is let go when this is disposed: a handshake may still use it.
    /// </summary>
    /// <param name="present">The identity shown from now on.</param>
    /// <param name="other">The one beside it, or null.</param>
    /// <param name="showsOther">Whether a dialler that expects the other one is shown it.</param>
    public void Set(NodeIdentity present, NodeIdentity? other, bool showsOther)
    {
        ArgumentNullException.ThrowIfNull(present);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Pair before = _pair;
            _pair = new Pair(present, other, showsOther);
            foreach (NodeIdentity? gone in new[] { before.Present, before.Other })
            {
                if (gone is not null && !ReferenceEquals(gone, present) && !ReferenceEquals(gone, other))
                {
                    _retired.Add(gone);
                }
            }
        }
    }

    /// <summary>The identity of that fingerprint, if it is one of these.</summary>
    public NodeIdentity? Find(Fingerprint fingerprint)
    {
        Pair pair = _pair;
        return pair.Present.Fingerprint == fingerprint ? pair.Present
            : pair.Other?.Fingerprint == fingerprint ? pair.Other
            : null;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _pair.Present.Dispose();
            _pair.Other?.Dispose();
            _retired.ForEach(gone => gone.Dispose());
        }
    }

    /// <summary>
    /// What an acceptor shows to a dialler that gave this name: a dialler names the identity it expects. Both are this
    /// node's own, so the name decides nothing about trust.
    /// </summary>
    internal NodeIdentity For(string? serverName)
    {
        Pair pair = _pair;
        return pair is { Other: { } other, ShowsOther: true }
            && ServerName.Of(other.Fingerprint).Equals(serverName, StringComparison.OrdinalIgnoreCase)
            ? other
            : pair.Present;
    }

    private sealed record Pair(NodeIdentity Present, NodeIdentity? Other, bool ShowsOther);
}
