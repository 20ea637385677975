using System.Threading.Tasks.Sources;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Requests;

/// <summary>One request of ours and its caller. Used again and again; its fields belong to the table's lock.</summary>
internal sealed class PendingRequest(PendingRequests owner) : IValueTaskSource<Payload>, IBatchItem
{
    private ManualResetValueTaskSourceCore<Payload> _source;
    private CancellationTokenRegistration _registration;
    private Payload _answer;
    private Exception? _failure;

    public enum Phase
    {
        Done,
        Waiting,
        Sent,
    }

    public Phase State { get; set; }

    public int Slot { get; set; }

    public ushort Method { get; private set; }

    /// <summary>The caller's memory: only until the request is sent or over.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }

    public long Started { get; private set; }

    public CancellationToken Token { get; private set; }

    public short Version => _source.Version;

    public void Begin(ushort method, ReadOnlyMemory<byte> body, long now, CancellationToken token)
    {
        _source.Reset();
        State = Phase.Waiting;
        Method = method;
        Body = body;
        Started = now;
        Token = token;
    }

    public void Watch(CancellationToken token) => _registration = token.UnsafeRegister(
        static state => ((PendingRequest)state!).Cancel(), this);

    /// <summary>Whoever has set Done under the lock says with what, and then has it run.</summary>
    public void Answer(Payload answer) => _answer = answer;

    public void Fail(Exception failure) => _failure = failure;

    public void Run()
    {
        Payload answer = _answer;
        Exception? failure = _failure;
        _answer = default;
        _failure = null;
        if (failure is null)
        {
            _source.SetResult(answer);
        }
        else
        {
            _source.SetException(failure);
        }
    }

    public Payload GetResult(short token)
    {
        // Waits for a callback that runs at this moment: it must not meet the next request in here.
        _registration.Dispose();
        _registration = default;
        bool known = token == _source.Version;
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            if (known)
            {
                owner.Recycle(this);
            }
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel() => owner.Cancel(this);
}
