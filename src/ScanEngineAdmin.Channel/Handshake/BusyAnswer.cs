using System.Security.Cryptography;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// What an acceptor that cannot serve a dialler soon says before TLS, to diallers that offer to understand it: five
/// bytes in the clear, of which the last is when to come again, in seconds. Anybody on the way can say the same, as he
/// can cut the connection: it is taken for a short wait and for nothing else.
/// </summary>
internal static class BusyAnswer
{
    /// <summary>The ALPN by which a dialler says that it understands the answer; nobody chooses it.</summary>
    public const string Alpn = "scanengine-busy";

    /// <summary>Who would wait longer for a place is told at once to come later.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private const int LongestRetry = 60;

    private static ReadOnlySpan<byte> Start => "BUSY"u8;

    /// <summary>Whether the first record of a dialler, its hello, offers it.</summary>
    public static bool IsUnderstood(ReadOnlySpan<byte> hello) => hello.IndexOf("\x0Fscanengine-busy"u8) >= 0;

    /// <summary>
    /// To come when the wait is over, some sooner and some later: all of a fleet at the same second would find the same.
    /// </summary>
    public static byte[] After(TimeSpan wait)
    {
        int about = (int)Math.Ceiling(Math.Clamp(wait.TotalSeconds, 1, LongestRetry));
        int seconds = RandomNumberGenerator.GetInt32((about + 1) / 2, about + (about / 2) + 1);
        return [.. Start, (byte)Math.Min(seconds, LongestRetry)];
    }

    /// <summary>The refusal in the first bytes that a dialler received; null if they are something else.</summary>
    public static Refusal? Read(ReadOnlySpan<byte> head) =>
        head.Length > Start.Length && head.StartsWith(Start)
            ? new Refusal(
                RefusalCode.Busy,
                "Too many connections wait for their handshake there.",
                TimeSpan.FromSeconds(Math.Clamp((int)head[Start.Length], 1, LongestRetry)))
            : null;
}
