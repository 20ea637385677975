namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>What a run over many rule sets has counted.</summary>
internal sealed class RulesetTally
{
    public int Sets { get; set; }

    public int Skipped { get; set; }

    public int Questions { get; set; }

    public int Wrong { get; set; }

    public int Unknown { get; set; }

    public int Applied { get; set; }

    public int NotApplied { get; set; }

    public int NoEffect { get; set; }

    public int Undone { get; set; }

    public bool Passed => Sets > 0 && Wrong == 0 && NoEffect == 0 && Undone == Applied;

    public void Add(RulesetTally other)
    {
        Sets += other.Sets;
        Skipped += other.Skipped;
        Questions += other.Questions;
        Wrong += other.Wrong;
        Unknown += other.Unknown;
        Applied += other.Applied;
        NotApplied += other.NotApplied;
        NoEffect += other.NoEffect;
        Undone += other.Undone;
    }

    public override string ToString() =>
        $"RULESETS sets={Sets} questions={Questions} wrong={Wrong} unknown={Unknown} applied={Applied} "
        + $"noeffect={NoEffect} undo={Undone} {(Passed ? "PASS" : "FAIL")}";
}
