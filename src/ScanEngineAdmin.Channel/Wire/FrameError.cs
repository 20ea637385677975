namespace ScanEngineAdmin.Channel.Wire;

/// <summary>Why no header could be read.</summary>
internal enum FrameError
{
    /// <summary>A header was read.</summary>
    None,

    /// <summary>Fewer bytes than a header has: read more.</summary>
    Incomplete,

    /// <summary>The length is above the ceiling: the peer does not keep to the protocol.</summary>
    TooLong,

    /// <summary>A kind this version does not know and that may not be skipped.</summary>
    UnknownKind,
}
