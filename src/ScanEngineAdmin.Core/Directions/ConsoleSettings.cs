namespace ScanEngineAdmin.Core.Directions;

/// <summary>Keys of the console's settings in its store.</summary>
internal static class ConsoleSettings
{
    /// <summary>Name or address that engines are told to dial.</summary>
    public const string AdvertisedAddress = "advertised.address";

    /// <summary>The maintenance windows of the whole console.</summary>
    public const string BlackOut = "black.out";

    /// <summary>How long finished scans are kept.</summary>
    public const string KeepScans = "keep.scans";

    /// <summary>Where it listened last: a plan that is made while it does not run names that port.</summary>
    public const string ListenPort = "listen.port";
}
