using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Loading;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Replaces the key and certificate of a console or engine of this host, in phases and with a way
/// back.</para>
/// <para type="description">Prepare: a new key is made beside the present one and announced to every peer. Switch: it
/// is shown to every peer that knows it, the old one to the others. Finish: the peers drop the old one, and its key is
/// destroyed. It goes from wherever it is as far as -Phase says; each phase waits until no peer lags. When the time is
/// over it stays where it is, names who lags, and the next call goes on. Until Finish has begun, -Rollback goes back to
/// the old certificate.</para>
/// </summary>
/// <example>
/// <code>Update-EngineCertificate -Role Console -WhatIf | Select-Object -ExpandProperty Peers</code>
/// <para>Who would have to be told.</para>
/// </example>
/// <example>
/// <code>Update-EngineCertificate -Role Console</code>
/// <para>Replaces it through all phases; asks first.</para>
/// </example>
[Cmdlet(
    VerbsData.Update, "EngineCertificate", DefaultParameterSetName = "Forward", SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(EngineCertificate))]
public sealed class UpdateEngineCertificateCommand : RoleCommand
{
    /// <summary>
    /// <para>How far: Prepare, Switch, or Finish (without it).</para>
    /// </summary>
    [Parameter(ParameterSetName = "Forward")]
    public CertificateStep Phase { get; set; } = CertificateStep.Finish;

    /// <summary>
    /// <para>Takes the new certificate into use although peers do not know it yet. They are shown the old one until
    /// they do; the old one is not dropped before they have met the new one.</para>
    /// </summary>
    [Parameter(ParameterSetName = "Forward")]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// <para>Goes back to the old certificate, and has every peer drop the new one.</para>
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "Rollback")]
    public SwitchParameter Rollback { get; set; }

    /// <summary>
    /// <para>How long to wait for peers in all: '30s', '5m', a number of seconds, a TimeSpan. 10 minutes without it:
    /// an idle console-to-engine peer is in contact every 5 minutes.</para>
    /// </summary>
    [Parameter]
    [Duration("0s", "7d")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// <para>Replaces it in the background and returns a job: Receive-Job takes what would be returned, Wait-Job waits,
    /// Stop-Job ends the waiting, and what was reached stays. It asks before.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    private bool GoesBack => ParameterSetName == "Rollback";

    private protected override void ProcessItem()
    {
        if (!HasNode)
        {
            throw NotFound.NodeIn(Role, Folder);
        }

        CertificateReport preview = With(
            console => Preview(console.Certificate), engine => Preview(engine.Certificate));
        string what = GoesBack ? "Roll the replacement of the certificate back"
            : $"Replace the certificate, up to {Phase}";
        if (!ShouldProcess($"{Role} on '{Folder.Root}' ({preview.Peers.Count} peers, state {preview.Phase})", what))
        {
            WriteObject(new EngineCertificate(preview));
            return;
        }

        DataFolder folder = Folder;
        NodeRole role = Role;
        if (AsJob)
        {
            StartJob(folder.Root, async (writer, token) =>
            {
                if (await ReplaceAsync(role, folder, writer, token).ConfigureAwait(false) is { } lag)
                {
                    writer.Error(FaultRecord.Of(lag, null));
                }
            });
            return;
        }

        if (Await((writer, token) => ReplaceAsync(role, folder, writer, token)) is { } fault)
        {
            Report(fault);
        }
    }

    private CertificateReport Preview(CertificateAdmin client)
    {
        client.Check(GoesBack);
        return client.Preview();
    }

    /// <summary>Writes how far it came; what kept it from going on is returned.</summary>
    private async Task<ScanEngineException?> ReplaceAsync(
        NodeRole role, DataFolder folder, PipelineWriter writer, CancellationToken cancellationToken)
    {
        if (role == NodeRole.Console)
        {
            using ConsoleAdmin console = ConsoleAdmin.Open(folder, Stores.Provider);
            return await ReplaceAsync(console.Certificate, writer, cancellationToken).ConfigureAwait(false);
        }

        using EngineAdmin engine = EngineAdmin.Open(folder, Stores.Provider);
        return await ReplaceAsync(engine.Certificate, writer, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ScanEngineException?> ReplaceAsync(
        CertificateAdmin client, PipelineWriter writer, CancellationToken cancellationToken)
    {
        void Progress(CertificateReport now) => writer.Progress(ProgressOf.Certificate(now));
        try
        {
            CertificateReport report = GoesBack
                ? await client.RollBackAsync(Timeout, Progress, cancellationToken).ConfigureAwait(false)
                : await client.UpdateAsync(Phase, Force, Timeout, Progress, cancellationToken).ConfigureAwait(false);
            writer.Object(new EngineCertificate(report));
            return null;
        }
        catch (ScanEngineException fault) when (fault.Code is FaultCode.CertificatePeersLag
            or FaultCode.ConsoleNotRunning or FaultCode.EngineNotRunning)
        {
            // What was reached stays: who lags is in the object as well as in the error.
            writer.Object(new EngineCertificate(client.Describe()));
            return fault;
        }
    }
}
