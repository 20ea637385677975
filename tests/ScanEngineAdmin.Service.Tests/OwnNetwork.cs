namespace ScanEngineAdmin.Service.Tests;

/// <summary>
/// A range of loopback addresses that nobody else uses meanwhile: a port there can be taken again after a restart. On
/// 127.0.0.1 any connection that goes out in between may be given it.
/// </summary>
internal static class OwnNetwork
{
    private static int _count;

    /// <summary>The first three numbers of its addresses, different for each process and each call.</summary>
    public static string Next() => FormattableString.Invariant(
        $"127.{100 + (Interlocked.Increment(ref _count) % 100)}.{Environment.ProcessId % 250}");

    /// <summary>Any port of one address, as it is typed.</summary>
    public static string AnyPort() => Next() + ".1:0";
}
