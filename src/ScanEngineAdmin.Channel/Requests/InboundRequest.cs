using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Requests;

/// <summary>One request of the peer and what its handler needs. Used again unless its token was cancelled.</summary>
#pragma warning disable CA1001 // A source without timer and links holds nothing that must be disposed.
internal sealed class InboundRequest(InboundRequests owner) : IBatchItem
#pragma warning restore CA1001
{
    private CancellationTokenSource _handling = new();
    private Payload _body;

    public uint Id { get; private set; }

    public ushort Method { get; private set; }

    public ReadOnlyMemory<byte> Body => _body.Memory;

    public CancellationToken Token => _handling.Token;

    /// <summary>
    /// Set under the owner's lock; then it is not used again, for the cancelling may still be going on.
    /// </summary>
    public bool IsCancelled { get; set; }

    public void Begin(uint id, ushort method, ReadOnlySpan<byte> body)
    {
        Id = id;
        Method = method;
        _body = Payload.Copy(body);
    }

    public void Run() => owner.Handle(this);

    public void Cancel()
    {
        try
        {
            _handling.Cancel();
        }
        catch (AggregateException)
        {
            // A callback of the handler threw; its answer says what there is to say.
        }
    }

    /// <summary>Gives the body back; returns whether this may be used again.</summary>
    public bool Reset()
    {
        _body.Dispose();
        if (IsCancelled)
        {
            return false;
        }

        if (!_handling.TryReset())
        {
            _handling.Dispose();
            _handling = new CancellationTokenSource();
        }

        return true;
    }
}
