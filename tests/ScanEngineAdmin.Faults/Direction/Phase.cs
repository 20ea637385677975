namespace ScanEngineAdmin.Faults.Direction;

/// <summary>A point between two durable writes of a change, at which a process can be made to wait.</summary>
internal enum Phase
{
    /// <summary>Console: the row says Preparing, nothing was sent.</summary>
    Preparing,

    /// <summary>Engine: its doubt is written down, the new way is not open, nothing was answered.</summary>
    Doubt,

    /// <summary>Console: the row says Proving.</summary>
    Proving,

    /// <summary>Console: the new way is proved, the decision is not written.</summary>
    Proved,

    /// <summary>Console: the decision is written, the engine has not been told.</summary>
    Decided,

    /// <summary>Engine: it has written the outcome down and has not answered.</summary>
    Concluded,
}
