using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>
/// What a peer hears of a fault that its request met here: which one. The text is for this host's admin; it may name
/// folders, processes and users.
/// </summary>
internal static class HandlerFault
{
    public static PeerRequestException Of(ScanEngineException fault) =>
        new((int)RequestCode.StoreFault, $"{fault.Code}");
}
