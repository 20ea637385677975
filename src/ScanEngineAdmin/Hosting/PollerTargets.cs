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
        DataFolder folder, PollerWish wish, CancellationToken cancellationToken)
    {
        using EngineAdmin admin = EngineAdmin.Open(folder, Stores.Provider);
        List<ConsoleRecord> named = Polled(admin, folder, wish);
        if (wish.Secret is not null)
        {
            named = [await PairAsync(admin, wish, cancellationToken).ConfigureAwait(false)];
        }
        else if (named.Count == 0)
        {
            named = [Register(admin, wish)];
        }
        else if (wish.SetsInterval)
        {
            foreach (ConsoleRecord console in named)
            {
                admin.Store.UpdateConsole(console.PairingId, record => record with { PollInterval = wish.Interval });
            }

            await Doorbell.RingAsync(folder.Engine, cancellationToken).ConfigureAwait(false);
        }

        return named;
    }

    /// <summary>What <see cref="FindAsync"/> would refuse as things stand; makes nothing.</summary>
    public static void Check(DataFolder folder, PollerWish wish)
    {
        int polled = 0;
        if (Directory.Exists(folder.Engine))
        {
            using EngineAdmin admin = EngineAdmin.Open(folder, Stores.Provider);
            polled = Polled(admin, folder, wish).Count;
        }

        if (wish.Address is null && (wish.Secret is not null || polled == 0))
        {
            throw NoAddress();
        }
    }

    private static List<ConsoleRecord> Polled(EngineAdmin admin, DataFolder folder, PollerWish wish)
    {
        List<ConsoleRecord> named = [.. admin.Store.ListConsoles()
            .Where(console => console.State != ConsoleState.Denied && IsNamed(console, wish))];
        if (named.Count > 0 && !named.Exists(EngineGlance.Polls))
        {
            throw EngineStart.Conflict(
                "The pairing with this console is standard: the console dials this engine, which listens.",
                $"Start-EngineListener -DataPath '{folder.Root}'",
                wish.Address ?? folder.Root);
        }

        named.RemoveAll(console => !EngineGlance.Polls(console));
        return named;
    }

    private static bool IsNamed(ConsoleRecord console, PollerWish wish) => wish.Secret is { } secret
        ? console.Pins.Contains(secret.Maker)
        : wish.Address is null || (console.Port == wish.Port
            && wish.Address.Equals(console.Address, StringComparison.OrdinalIgnoreCase));

    private static Task<ConsoleRecord> PairAsync(
        EngineAdmin admin, PollerWish wish, CancellationToken cancellationToken) => wish.Address is { } address
        ? admin.PairAsync(address, wish.Port, wish.Secret!, wish.EngineName, wish.Interval, cancellationToken)
        : throw NoAddress();

    private static ConsoleRecord Register(EngineAdmin admin, PollerWish wish) => wish.Address is { } address
        ? admin.RegisterConsole(address, wish.Port, wish.EngineName, wish.Interval)
        : throw NoAddress();

    private static ScanEngineException NoAddress() => new(
        FaultCode.ConsoleAddressRequired,
        "This engine has no console to poll yet, and none was named.",
        "Name it: Start-EnginePoller -ConsoleAddress <host> -PairingSecret <text from New-EnginePairingSecret>.");
}
