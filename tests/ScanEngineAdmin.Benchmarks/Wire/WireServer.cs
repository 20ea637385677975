using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>The other end of every wire: one process that listens for all of them.</summary>
internal static class WireServer
{
    public const string Command = "wire-server";

    public static async Task<int> RunAsync()
    {
        using NodeIdentity identity = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        int raw = RawTls.Listen(identity.Certificate, plain: false);
        int plain = RawTls.Listen(identity.Certificate, plain: true);
        (int product, string pin) = Product.Listen();
#if KESTREL
        int web = await WebServer.ListenAsync(identity.Certificate);
#else
        int web = 0;
#endif
        await Console.Out.WriteLineAsync(FormattableString.Invariant($"{raw} {plain} {product} {pin} {web}"));
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == "collect")
            {
                GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }

            await Console.Out.WriteLineAsync(Use.Now().Write());
        }

        return 0;
    }
}
