namespace ScanEngineAdmin.Domain.Scans;

/// <summary>What became of a batch at the console. All but <see cref="OutOfOrder"/> let the engine drop it.</summary>
internal enum BatchOutcome
{
    Stored,

    /// <summary>Stored before; the acknowledgement was lost.</summary>
    Duplicate,

    /// <summary>An earlier batch is missing: send again from the last acknowledged one.</summary>
    OutOfOrder,

    /// <summary>The scan is unknown, finished, or at another attempt.</summary>
    Fenced,
}
