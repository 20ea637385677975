using System.Globalization;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Console;

/// <summary>A running Security Console: listener, dialler, dispatcher. One per data folder.</summary>
internal sealed class ConsoleNode : NodeLifetime
{
    private readonly ConsoleContext _context;
    private readonly ScheduleRunner _schedules;
    private ChannelListener? _listener;

    private ConsoleNode(ConsoleContext context, ICronReader cron, FolderLock folderLock)
        : base(context, context.Store, folderLock)
    {
        _context = context;
        Links = new EngineLinks(context);
        _schedules = new ScheduleRunner(context, cron, Links.Ring);
    }

    public IPEndPoint EndPoint => _listener!.EndPoint;

    /// <summary>What it has to each of its engines.</summary>
    internal EngineLinks Links { get; }

    /// <exception cref="ScanEngineException">ConsoleAlreadyRunning, PortInUse, AddressNotAvailable, the store's, the
    /// key's.</exception>
    public static async Task<ConsoleNode> StartAsync(
        DataFolder folder,
        IStoreProvider stores,
        ConsoleNodeOptions options,
        NodeLog log,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        options = options.AdvertisedAddress is { } advertised
            ? options with { AdvertisedAddress = DialAddress.Validate(advertised) }
            : options;
        options = options with { Channel = NodeProxy.Complete(options.Channel) };
        cancellationToken.ThrowIfCancellationRequested();
        FolderAccess.RequireOwner(folder.Console);
        var lines = new BoundedLog(log, options.Channel.Time);
        return await StartAsync(
            folder.EnsureConsole,
            stores.OpenConsole,
            FaultCode.ConsoleAlreadyRunning,
            (path, store, held) => new ConsoleNode(
                new ConsoleContext(path, store, options, lines), stores.Cron, held),
            node =>
            {
                node.Open();
                return Task.CompletedTask;
            }).ConfigureAwait(false);
    }

    private protected override ValueTask CloseEntranceAsync() => _listener?.DisposeAsync() ?? ValueTask.CompletedTask;

    private protected override async Task EndAsync()
    {
        await Links.DisposeAsync().ConfigureAwait(false);
        _context.Contacts.Flush();
    }

    private void Open()
    {
        var admission = new ConsoleAdmission(_context, Links);
        _listener = ChannelListener.Start(
            _context.Options.Listen, _context.Certificate.Keys, _context.Runtime, admission.DecideAsync);
        _listener.HandshakeFailed = admission.Failed;
        _context.Listener = _listener;
        _context.ListenPort = _listener.EndPoint.Port;
        Announce(_listener.EndPoint);
        _context.Store.SetSetting(
            ConsoleSettings.ListenPort, _context.ListenPort.ToString(CultureInfo.InvariantCulture));
        if (_context.Options.AdvertisedAddress is { } advertised)
        {
            _context.Store.SetSetting(ConsoleSettings.AdvertisedAddress, advertised);
        }

        if (_context.Options.KeepScans is { } keep)
        {
            _context.Store.SetSetting(ConsoleSettings.KeepScans, keep.ToString("c", CultureInfo.InvariantCulture));
        }

        _context.Upkeep.Retire = new ScanRetention(_context.Store, _context.Time, entry => _context.Log(
            LogLevel.Information, entry.Event, entry.Detail, ("engine", entry.Subject))).Step;
        Run(Ring, RunAsync, upkeep: null, _listener.EndPoint);
    }

    private void Ring()
    {
        _schedules.Ring();
        Links.Ring();
    }

    /// <summary>Ends as the links do; schedules that cannot be run any more end the node, too.</summary>
    private async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // First, so that no scan is started in a maintenance window.
        Task schedules = _schedules.RunAsync(ended.Token);
        Task links = Links.RunAsync(ended.Token);
        Task first = await Task.WhenAny(links, schedules).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(links, schedules).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first.ConfigureAwait(false);
    }
}
