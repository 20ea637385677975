using System.Globalization;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin;

/// <summary>What an engine itself last said of its direction.</summary>
public sealed class EngineDirectionView
{
    internal EngineDirectionView(CommunicationDirection direction, long? epoch, bool inDoubt)
    {
        Direction = direction;
        Epoch = epoch;
        InDoubt = inDoubt;
    }

    public CommunicationDirection Direction { get; }

    /// <summary>None if it only refused this console's dial.</summary>
    public long? Epoch { get; }

    /// <summary>It had not heard the outcome of a change.</summary>
    public bool InDoubt { get; }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Direction}, epoch {Epoch?.ToString(CultureInfo.InvariantCulture) ?? "?"}")
        + (InDoubt ? ", in doubt" : string.Empty);
}
