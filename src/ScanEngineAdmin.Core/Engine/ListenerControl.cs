using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// The engine's one listener, for all standard consoles: on which port it opens, and the error for an admin when it
/// cannot. Used by one at a time.
/// </summary>
internal sealed class ListenerControl(EngineContext node, EngineAdmission admission) : IAsyncDisposable
{
    private ChannelListener? _open;
    private string? _error;

    // Port 0 lets the OS choose, once: a console that dialled the port dials it again after a change and back.
    private int _chosenPort;

    public IPEndPoint? EndPoint => _open?.EndPoint;

    public bool IsOpen => _open is not null;

    /// <summary>Whether it was wanted and could not be opened.</summary>
    public bool Failed => _error is not null;

    /// <summary>Opens or closes the listener. A failure is logged once; the next look tries again.</summary>
    public async Task ApplyAsync(bool wanted)
    {
        if (wanted && _open is null)
        {
            try
            {
                Open(null);
            }
            catch (ScanEngineException exception)
            {
                if (_error != exception.Message)
                {
                    _error = exception.Message;
                    node.Log(LogLevel.Error, Events.ListenFailed, $"{exception.Message} {exception.Recommendation}");
                    node.Store.UpdateNode(
                        current => current with { LastError = $"{exception.Code}: {exception.Message}" });
                }
            }
        }
        else if (!wanted && _open is { } closing)
        {
            node.Listener = _open = null;
            node.Store.UpdateNode(current => current with { EndPoint = null });
            await closing.DisposeAsync().ConfigureAwait(false);
            node.Log(
                LogLevel.Information,
                Events.ListenerClosed,
                $"No pairing needs the listener on {closing.EndPoint} any more.");
        }
    }

    /// <param name="port">The port that the console's admin named for a change; null for the one in use here.</param>
    /// <exception cref="ScanEngineException">PortInUse, AddressNotAvailable.</exception>
    public void Open(int? port)
    {
        IPEndPoint configured = node.Options.Listen;
        int usual = ListenPort.Read(node.Store, configured.Port);
        var wanted = new IPEndPoint(configured.Address, port ?? (usual == 0 ? _chosenPort : usual));
        try
        {
            node.Listener = _open = ChannelListener.Start(
                wanted, node.Certificate.Keys, node.Runtime, admission.DecideAsync);
        }
        catch (ChannelException exception)
        {
            throw ChannelFaults.ToError(exception);
        }

        _open.HandshakeFailed = admission.Failed;
        _error = null;
        _chosenPort = _open.EndPoint.Port;
        if (port is { } named)
        {
            ListenPort.Name(node.Store, configured.Port, named);
        }

        node.Store.UpdateNode(current => current with { EndPoint = _open.EndPoint.ToString(), LastError = null });
        node.Log(
            LogLevel.Information,
            Events.ListenerOpened,
            $"The engine listens on {_open.EndPoint}.",
            ("endpoint", _open.EndPoint.ToString()));
    }

    public ValueTask DisposeAsync() => _open?.DisposeAsync() ?? ValueTask.CompletedTask;
}
