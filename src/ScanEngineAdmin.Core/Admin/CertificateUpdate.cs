using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// Carries the replacement of a certificate from wherever it is as far as it is wanted and the peers allow; what is
/// reached stays, and the next call goes on from there.
/// </summary>
internal sealed class CertificateUpdate(
    CertificateAdmin client, TimeProvider time, TimeSpan timeout, Action<CertificateReport>? progress)
{
    private readonly long _began = time.GetTimestamp();

    public async Task<CertificateReport> RunAsync(CertificateStep upTo, bool force, CancellationToken cancellationToken)
    {
        CertificateReport report = client.Prepare();
        if (report.Phase == CertificatePhase.Prepared)
        {
            if (upTo == CertificateStep.Prepare || !force)
            {
                report = await NobodyLagsAsync(CertificatePhase.Prepared, cancellationToken).ConfigureAwait(false);
                Expect(report, "The new certificate is prepared, and not in use yet: not every peer knows it.");
            }

            if (upTo == CertificateStep.Prepare)
            {
                return report;
            }

            report = client.Switch(force);
        }

        if (report.Phase == CertificatePhase.Switched && upTo != CertificateStep.Prepare)
        {
            report = await NobodyLagsAsync(CertificatePhase.Switched, cancellationToken).ConfigureAwait(false);
            if (upTo == CertificateStep.Switch && force)
            {
                return report;
            }

            Expect(report, "The new certificate is in use, the old one still counts: not every peer has met the new.");
            report = upTo == CertificateStep.Finish ? client.Finish() : report;
        }

        if (report.Phase == CertificatePhase.Finishing)
        {
            report = await NobodyLagsAsync(CertificatePhase.Finishing, cancellationToken).ConfigureAwait(false);
            Expect(report, "The old certificate is being dropped: not every peer has heard of it.");
        }

        return report;
    }

    public async Task<CertificateReport> RollBackAsync(CancellationToken cancellationToken)
    {
        CertificateReport report = client.RollBack();
        if (report.Phase == CertificatePhase.RollingBack)
        {
            report = await NobodyLagsAsync(CertificatePhase.RollingBack, cancellationToken).ConfigureAwait(false);
            Expect(report, "The old certificate is in use again: not every peer has dropped the new one.");
        }

        return report;
    }

    // The last two phases end by themselves, a moment after the last peer has answered.
    private async Task<CertificateReport> NobodyLagsAsync(CertificatePhase phase, CancellationToken cancellationToken)
    {
        bool ends = phase is CertificatePhase.Finishing or CertificatePhase.RollingBack;
        TimeSpan left = timeout - time.GetElapsedTime(_began);
        return await client.WatchAsync(
            report => report.Phase != phase || (!ends && report.Lagging.Count == 0) || !report.IsRunning,
            left > TimeSpan.Zero ? left : TimeSpan.Zero,
            progress,
            cancellationToken).ConfigureAwait(false);
    }

    private static void Expect(CertificateReport report, string what)
    {
        if (report.Lagging.Count == 0)
        {
            return;
        }

        if (report.IsRunning)
        {
            throw CertificateAdmin.Lag(report, what);
        }

        bool console = report.Role == NodeRole.Console;
        throw new ScanEngineException(
            console ? FaultCode.ConsoleNotRunning : FaultCode.EngineNotRunning,
            $"{what} The {(console ? "console" : "engine")} on '{report.DataPath}' does not run, so nobody is told.",
            console
                ? "Start it (Start-SecurityConsole), and run Update-EngineCertificate -Role Console again."
                : "Start it (Start-EngineListener), and run Update-EngineCertificate -Role Engine again.",
            report.DataPath);
    }
}
