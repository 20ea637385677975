using System.Net;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>A peer's address as this host sees it, in the one form that rules and records use.</summary>
internal static class ObservedAddress
{
    public static string Text(IPAddress address) => PlainAddress.Of(address).ToString();
}
