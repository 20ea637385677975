namespace ScanEngineAdmin.Domain.Stores;

/// <summary>How much room a store has on its disk.</summary>
/// <param name="Available">Bytes that the disk has free for this user.</param>
/// <param name="Reusable">Bytes of removed data within the store's file, which new data takes first.</param>
/// <param name="Floor">Below this sum of both no scan data is taken.</param>
internal sealed record StoreRoom(long Available, long Reusable, long Floor)
{
    /// <summary>From here on an admin is warned: the floor is near.</summary>
    public const int LowFactor = 3;

    /// <summary>Freed pages take no log: some of the room has to be the disk's.</summary>
    public bool IsBelowFloor => Available + Reusable < Floor || Available < Floor / 4;

    public bool IsLow => Available + Reusable < LowFactor * Floor;

    /// <summary>In words, for a line that an admin reads.</summary>
    public string Text => FormattableString.Invariant(
        $"{ByteText.Of(Available + Reusable)} left, scan data waits below {ByteText.Of(Floor)}");
}
