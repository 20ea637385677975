using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Hosting;

/// <summary>Finds, pairs with or registers the consoles that Start-EnginePoller is to poll.</summary>
internal static class PollerTargets
{
    public static async Task<IReadOnlyList<ConsoleRecord>> FindAsync(
        DataFolder folder, PollerRequest request, CancellationToken cancellationToken)
    {
        using EngineAdmin admin = EngineAdmin.Open(folder, Stores.Provider);
        List<ConsoleRecord> named = Polled(admin, folder, request);
        if (request.Secret is not null)
        {
            named = [await PairAsync(admin, request, cancellationToken).ConfigureAwait(false)];
        }
        else if (named.Count == 0)
        {
            named = [Register(admin, request)];
        }
        else if (request.SetsInterval)
        {
            foreach (ConsoleRecord console in named)
            {
                admin.Store.UpdateConsole(console.PairingId, record => record with { PollInterval = request.Interval });
            }

            await Doorbell.RingAsync(folder.Engine, cancellationToken).ConfigureAwait(false);
        }

        return named;
    }

    /// <summary>What <see cref="FindAsync"/> would refuse as things stand; makes nothing.</summary>
    public static void Check(DataFolder folder, PollerRequest request)
    {
        int polled = 0;
        if (Directory.Exists(folder.Engine))
        {
            using EngineAdmin admin = EngineAdmin.Open(folder, Stores.Provider);
            polled = Polled(admin, folder, request).Count;
        }

        if (request.Address is null && (request.Secret is not null || polled == 0))
        {
            throw NoAddress();
        }
    }

    private static List<ConsoleRecord> Polled(EngineAdmin admin, DataFolder folder, PollerRequest request)
    {
        List<ConsoleRecord> named = [.. admin.Store.ListConsoles()
            .Where(console => console.State != ConsoleState.Denied && IsNamed(console, request))];
        if (named.Count > 0 && !named.Exists(EngineStatus.Polls))
        {
            throw EngineStart.Conflict(
                "The pairing with this console is standard: the console dials this engine, which listens.",
                $"Start-EngineListener -DataPath '{folder.Root}'",
                request.Address ?? folder.Root);
        }

        named.RemoveAll(console => !EngineStatus.Polls(console));
        return named;
    }

    private static bool IsNamed(ConsoleRecord console, PollerRequest request) => request.Secret is { } secret
        ? console.Pins.Contains(secret.Maker)
        : request.Address is null || (console.Port == request.Port
            && request.Address.Equals(console.Address, StringComparison.OrdinalIgnoreCase));

    private static Task<ConsoleRecord> PairAsync(
        EngineAdmin admin, PollerRequest request, CancellationToken cancellationToken) => request.Address is { } address
        ? admin.PairAsync(
            address, request.Port, request.Secret!, request.EngineName, request.Interval, cancellationToken, request.Proxy)
        : throw NoAddress();

    private static ConsoleRecord Register(EngineAdmin admin, PollerRequest request) => request.Address is { } address
        ? admin.RegisterConsole(address, request.Port, request.EngineName, request.Interval)
        : throw NoAddress();

    private static ScanEngineException NoAddress() => new(
        FaultCode.ConsoleAddressRequired,
        "This engine has no console to poll yet, and none was named.",
        "Name it: Start-EnginePoller -ConsoleAddress <host> -PairingSecret <text from New-EnginePairingSecret>.");
}
