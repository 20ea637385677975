using System.Management.Automation;

namespace ScanEngineAdmin;

/// <summary>
/// What the table views show beside the properties, of live objects and of those that came through remoting. Called by
/// module/ScanEngineAdmin.Columns.ps1xml.
/// </summary>
public static class TableColumns
{
    /// <summary>Who dials whom, at which port.</summary>
    public static string Arrow(PSObject item) => DirectionArrow.Of(item, plain: false);

    /// <summary>The same for an output without a terminal's characters.</summary>
    public static string PlainArrow(PSObject item) => DirectionArrow.Of(item, plain: true);

    public static string CauseSinceAge(PSObject item) => Age(item, "CauseSince");

    public static string ExpiresAtAge(PSObject item) => Age(item, "ExpiresAt");

    public static string LastContactAge(PSObject item) => Age(item, "LastContact");

    public static string LastPollAge(PSObject item) => Age(item, "LastPoll");

    public static string LastSeenAge(PSObject item) => Age(item, "LastSeen");

    public static string NextPollAge(PSObject item) => Age(item, "NextPoll");

    public static string QueuedAge(PSObject item) => Age(item, "Queued");

    public static string RequestedAge(PSObject item) => Age(item, "Requested");

    private static string Age(PSObject item, string property) =>
        LanguagePrimitives.TryConvertTo(item?.Properties[property]?.Value, out DateTime time)
            ? DirectionArrow.Age(time)
            : string.Empty;
}
