namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class EngineStore
{
    // A batch may have megabytes, each of whose pages is read to be freed.
    private const int BatchesPerStep = 16;

    // A spool comes and goes: half of its file stays for the next one.
    private const double KeptShare = 0.5;

    /// <summary>What a denied console was scanning goes too: the pairing is over, and nobody takes it.</summary>
    public override bool CleanUp() => Database.Step(
        session =>
        {
            if (session.Number("SELECT scan FROM leaving ORDER BY scan LIMIT 1") is { } scan)
            {
                int gone = session.Execute(
                    """
                    DELETE FROM spool WHERE scan = $1
                        AND number IN (SELECT number FROM spool WHERE scan = $1 ORDER BY number LIMIT $2)
                    """,
                    scan,
                    BatchesPerStep);
                if (gone < BatchesPerStep)
                {
                    session.Execute("DELETE FROM leaving WHERE scan = $1", scan);
                }

                return true;
            }

            return session.Execute(
                """
                DELETE FROM scans WHERE id IN (SELECT scans.id FROM scans
                    JOIN consoles ON consoles.pairing_id = scans.pairing_id
                    WHERE consoles.state = 'Denied' LIMIT $1)
                """,
                BatchesPerStep) > 0;
        },
        KeptShare);
}
