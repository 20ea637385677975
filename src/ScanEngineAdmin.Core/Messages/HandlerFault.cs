using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>
/// What a peer hears of a fault that its request met here: which one. The text is for this host's admin; it may name
/// folders, processes and users. Only what is wrong with the request itself is said in full.
/// </summary>
internal static class HandlerFault
{
    public static PeerRequestException Of(ScanEngineException fault, RequestCode code = RequestCode.StoreFault) =>
        new((int)code, $"{fault.Code}");

    /// <summary>Whether it is about what the peer asked, and not about this host.</summary>
    public static bool IsOfRequest(ScanEngineException fault) => fault.Code is FaultCode.TargetInvalid
        or FaultCode.TooManyTargets or FaultCode.PortRangeInvalid or FaultCode.OptionInvalid or FaultCode.ScanRefused;
}
