using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// Time as it is, but a peer has four times as long to answer an admin's session that dials. Such a session has no
/// options: it takes the product's own times, in which a machine that stands still for many seconds does not answer.
/// </summary>
internal sealed class PatientTime : TimeProvider
{
    private const int Factor = 4;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        bool dials = dueTime == ChannelOptions.Default.ConnectTimeout
            || dueTime == ChannelOptions.Default.HandshakeTimeout;
        return System.CreateTimer(callback, state, dials ? Factor * dueTime : dueTime, period);
    }
}
