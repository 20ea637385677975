using System.Net;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>
/// Slows down whoever shows wrong secrets. Nobody guesses 128 bits; this is so that trying costs the trier and not the
/// node, and that an admin sees it. A few mistakes are free; then every further one doubles the wait.
/// </summary>
internal sealed class SecretAttempts(TimeProvider time)
{
    /// <summary>
    /// Wrong secrets from one address (an IPv6 /64) before it has to wait: a mangled copy, tried again.
    /// </summary>
    public const int FreePerAddress = 5;

    /// <summary>
    /// Wrong proofs of one known secret, from wherever: its id is known only to those who had it, so this is somebody
    /// with half of the truth. The wait is short, because a right user may come at the same time.
    /// </summary>
    public const int FreePerSecret = 20;

    private const int Kept = 4096;

    public static readonly TimeSpan LongestForAddress = TimeSpan.FromMinutes(15);
    public static readonly TimeSpan LongestForSecret = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly AttemptCounter<IPAddress> _addresses = new(Window, Kept, time);
    private readonly AttemptCounter<Guid> _secrets = new(Window, Kept, time);

    /// <summary>How long that address, or that secret, has still to wait; null if it need not.</summary>
    public TimeSpan? Wait(IPAddress? address, Guid secretId)
    {
        TimeSpan byAddress = address is null ? TimeSpan.Zero
            : Left(_addresses.Of(RemoteGroup.Of(address)), FreePerAddress, LongestForAddress);
        TimeSpan bySecret = Left(_secrets.Of(secretId), FreePerSecret, LongestForSecret);
        TimeSpan longer = byAddress > bySecret ? byAddress : bySecret;
        return longer > TimeSpan.Zero ? longer : null;
    }

    /// <summary>Counts a wrong one; returns how many came from that address within the hour.</summary>
    public int Wrong(IPAddress? address, Guid secretId, bool known)
    {
        if (known)
        {
            _secrets.Add(secretId);
        }

        return address is null ? 0 : _addresses.Add(RemoteGroup.Of(address));
    }

    private TimeSpan Left((int Count, DateTimeOffset Last) seen, int free, TimeSpan longest)
    {
        if (seen.Count < free)
        {
            return TimeSpan.Zero;
        }

        TimeSpan wait = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(seen.Count - free, 20)));
        wait = wait < longest ? wait : longest;
        TimeSpan left = seen.Last + wait - time.GetUtcNow();

        // A clock that was set back must not lock anybody out for longer than that.
        return left < wait ? left : wait;
    }
}
