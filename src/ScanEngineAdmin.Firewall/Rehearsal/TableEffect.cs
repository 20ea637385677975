namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What the rules of a table do.</summary>
internal enum TableEffect
{
    /// <summary>They let packets pass or deny them, and nothing else.</summary>
    Decides,

    /// <summary>Beside that they set marks.</summary>
    Marks,

    /// <summary>Not all of them are understood.</summary>
    Anything,
}
