namespace ScanEngineAdmin.Faults.RulesetChanges;

/// <summary>What changes of direction over many rule sets have come to.</summary>
internal sealed class ChangeTally
{
    public int Sets { get; set; }

    public int Skipped { get; set; }

    /// <summary>The filter does not let the way pass that was in force before it came.</summary>
    public int Shut { get; set; }

    public int Through { get; set; }

    /// <summary>Refused with what denies it, and not through.</summary>
    public int Denied { get; set; }

    public int Unknown { get; set; }

    public int Wrong { get; set; }

    public int Undone { get; set; }

    public bool Passed => Sets > 0 && Wrong == 0 && Undone == Sets - Shut;

    public override string ToString() =>
        $"CHANGES sets={Sets} skipped={Skipped} shut={Shut} through={Through} denied={Denied} unknown={Unknown} "
        + $"wrong={Wrong} undo={Undone} {(Passed ? "PASS" : "FAIL")}";
}
