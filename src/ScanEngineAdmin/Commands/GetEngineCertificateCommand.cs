using System.Management.Automation;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Tells of the certificate of a console or engine of this host, and how far its replacement
/// is.</para>
/// <para type="description">While one is replaced it lists every peer, how far it is, and which of them the next phase
/// waits for. Returns nothing where there never was such a node.</para>
/// </summary>
/// <example>
/// <code>(Get-EngineCertificate -Role Console).Peers</code>
/// <para>Who knows how much of a certificate that is being replaced.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "EngineCertificate")]
[OutputType(typeof(EngineCertificate))]
public sealed class GetEngineCertificateCommand : RoleCommand
{
    private protected override void ProcessItem()
    {
        if (HasNode)
        {
            WriteObject(new EngineCertificate(
                With(console => console.Certificate.Describe(), engine => engine.Certificate.Describe())));
        }
    }
}
