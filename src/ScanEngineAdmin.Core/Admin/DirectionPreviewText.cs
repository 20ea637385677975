using System.Text;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>A preview as one block to read: the rules of both hosts, the scans, the new way.</summary>
internal static class DirectionPreviewText
{
    private const int MostScans = 10;

    public static string Render(DirectionPreview preview)
    {
        ArgumentNullException.ThrowIfNull(preview);
        var text = new StringBuilder(FirewallPlanText.Render(preview.Shown));
        if (preview.Appliers is { } appliers)
        {
            Line(text, appliers);
        }

        Scans(text, preview.Scans);
        if (preview.Reach is { } reach)
        {
            Reach(text, preview.Plan, reach);
        }

        return text.ToString().TrimEnd('\n');
    }

    private static void Scans(StringBuilder text, IReadOnlyList<ScanRecord> scans)
    {
        Line(text, scans.Count == 0
            ? "Scans concerned: none."
            : $"Scans concerned: {scans.Count}. Running ones go on over the new way; queued ones follow.");
        foreach (ScanRecord scan in scans.Take(MostScans))
        {
            Line(text, $"    {scan.ScanId} {scan.State}, {scan.TargetsDone} of {scan.TargetsTotal} targets");
        }

        if (scans.Count > MostScans)
        {
            Line(text, $"    and {scans.Count - MostScans} more");
        }
    }

    private static void Reach(StringBuilder text, FirewallPlan plan, FirewallTestResult reach)
    {
        Line(text, $"The new way now: {(plan.To == CommunicationDirection.ConsoleToEngine
            ? $"this host dials {reach.EndPoint}"
            : $"the engine would dial {reach.EndPoint}; from here only this host's side of it can be looked at")}.");
        foreach (FirewallTestStage stage in reach.Stages.Where(stage => stage.Result != FirewallTestOutcome.Skipped))
        {
            Line(text, $"    {stage.Stage,-13} {stage.Result,-8} {stage.Evidence}");
            if (stage.Result != FirewallTestOutcome.Passed && stage.Recommendation.Length > 0)
            {
                Line(text, $"    {"next",22} {stage.Recommendation}");
            }
        }

        bool closed = reach.Stages.Any(stage =>
            stage is { Stage: FirewallStage.Connect, Result: FirewallTestOutcome.Failed });
        Line(text, plan.To == CommunicationDirection.ConsoleToEngine && closed
            ? "    Refused is to be expected while the engine polls: its listener opens during the change. "
                + "A drop, or a firewall's reject, has to be opened beforehand."
            : $"    {"Verdict",-13} {reach.Verdict,-8} {reach.VerdictDetail}");
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
