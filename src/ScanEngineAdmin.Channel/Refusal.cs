namespace ScanEngineAdmin.Channel;

/// <summary>An acceptor's verdict in its first frame.</summary>
/// <param name="Code">The reason, for programs.</param>
/// <param name="Text">The reason, for people; at most 512 characters.</param>
/// <param name="RetryAfter">When it may be worth another try, if the refusing side knows.</param>
/// <param name="MinVersion">Lowest protocol version the refusing side speaks.</param>
/// <param name="MaxVersion">Highest protocol version the refusing side speaks.</param>
public sealed record Refusal(
    RefusalCode Code, string Text, TimeSpan? RetryAfter = null, int MinVersion = 1, int MaxVersion = 1);
