namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>A witness that counted a packet.</summary>
/// <param name="Witness">The witness.</param>
/// <param name="Applied">Whether the rule behind it applied in the copy, whose rates and sets are fresh.</param>
/// <param name="Chain">The base chain from which the packet came to it.</param>
internal sealed record FiredWitness(Witness Witness, bool Applied, FilterChain Chain)
{
    /// <summary>
    /// Whether the verdict is the same when the rule applies as when it does not. What is accepted skips the rest of its
    /// chain: a mark that a rule there sets is missed by whoever asks for it later.
    /// </summary>
    public bool Agrees(RehearsalVerdict verdict)
    {
        bool denied = RehearsalAnswer.Denies(verdict);
        return Applied
            ? denied && Witness is { ElseDenies: true, Effect: WitnessEffect.Deny or WitnessEffect.Return }
            : Witness.Effect switch
            {
                WitnessEffect.Accept => verdict == RehearsalVerdict.Open && Witness.SkipsOnlyDecisions,
                WitnessEffect.Deny => denied,
                _ => false,
            };
    }
}
