using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Loading;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Writes a Security Console into one sealed file, while it runs.</para>
/// <para type="description">The file holds the store as it is at one moment and the console's identity, encrypted with
/// the passphrase, for its owner's eyes only. Whoever has both is the console: keep them apart. With it
/// Import-SecurityConsole restores the console, or moves it to another host.</para>
/// </summary>
/// <example>
/// <code>Export-SecurityConsole console.export</code>
/// <para>Asks for the passphrase, and writes the running console into a file.</para>
/// </example>
[Cmdlet(VerbsData.Export, "SecurityConsole", SupportsShouldProcess = true)]
[OutputType(typeof(SecurityConsoleExport))]
public sealed class ExportSecurityConsoleCommand : TransferCommand
{
    /// <summary>
    /// <para>Leaves the key out. Such an export can only be imported where the console's identity is already.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter WithoutIdentity { get; set; }

    /// <summary>
    /// <para>Replaces a file of that name.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void ProcessItem()
    {
        if (!HasNode)
        {
            throw NotFound.ConsoleIn(Folder.Console);
        }

        string path = FilePath();
        string what = WithoutIdentity ? "its store, without its key" : "its store and its key";
        DataFolder folder = Folder;
        WithPassphrase(passphrase => ConsoleTransfer.CheckExport(folder, Request(path, passphrase)));
        if (!ShouldProcess(path, $"Export the Security Console of '{Folder.Root}': {what}"))
        {
            return;
        }

        Transfer("Exporting the Security Console", async (passphrase, progress, token) =>
        {
            using ConsoleAdmin admin = ConsoleAdmin.Open(folder, Stores.Provider);
            return await ConsoleTransfer.ExportAsync(admin, Request(path, passphrase), progress, token).ConfigureAwait(false);
        });
    }

    private ExportRequest Request(string path, ReadOnlyMemory<byte> passphrase) =>
        new(path, passphrase) { WithoutIdentity = WithoutIdentity, Force = Force };
}
