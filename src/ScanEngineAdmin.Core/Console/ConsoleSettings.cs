namespace ScanEngineAdmin.Core.Console;

/// <summary>Keys of the console's settings in its store.</summary>
internal static class ConsoleSettings
{
    /// <summary>Name or address that engines are told to dial.</summary>
    public const string AdvertisedAddress = "advertised.address";
}
