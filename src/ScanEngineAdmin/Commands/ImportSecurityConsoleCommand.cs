using System.Management.Automation;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Loading;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Puts an exported Security Console into a data folder.</para>
/// <para type="description">All of the file is read and checked before anything is changed; then the whole console is
/// there, or what was there before. No console may run on the folder. The imported console is a later copy than the one
/// it was exported from: an engine that has met it turns the other one away.</para>
/// </summary>
/// <example>
/// <code>Import-SecurityConsole console.export -DataPath /srv/console</code>
/// <para>Asks for the passphrase, and puts the console into a folder.</para>
/// </example>
[Cmdlet(VerbsData.Import, "SecurityConsole", SupportsShouldProcess = true)]
[OutputType(typeof(SecurityConsoleExport))]
public sealed class ImportSecurityConsoleCommand : TransferCommand
{
    /// <summary>
    /// <para>Takes the place of a console that is there. Its files are kept in a folder beside the new ones.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// <para>The time that an engine's refusal names: a copy of this console was imported before on a host whose clock
    /// was ahead, and this one has to count as the later of the two.</para>
    /// </summary>
    [Parameter]
    public DateTime? LaterThan { get; set; }

    // What is imported is the file, and where to is another matter than where it was exported.
    private protected override ItemOrigin? OriginOf(ItemOrigin origin) => FolderIsTyped ? null : origin;

    private protected override void ProcessItem()
    {
        string path = FilePath();
        DataFolder folder = Folder;
        ConsoleExport described = Await((_, token) => ConsoleTransfer.DescribeAsync(path, token));
        ConsoleTransfer.CheckImport(folder, Stores.Provider, new ImportRequest(path, default, Force), described);
        string place = HasNode ? "in the place of what is there, which is kept" : "as a new one";
        string key = described.HasIdentity ? string.Empty : ", without its key";
        string what = $"Import Security Console {described.Fingerprint}, exported {described.Created:u} on "
            + $"{described.MachineName}{key}, {place}";
        if (!ShouldProcess(folder.Root, what))
        {
            return;
        }

        Transfer("Importing the Security Console", (passphrase, progress, token) =>
            ConsoleTransfer.ImportAsync(
                folder,
                Stores.Provider,
                new ImportRequest(path, passphrase, Force)
                {
                    LaterThan = LaterThan is { } time ? new DateTimeOffset(time) : null,
                },
                progress,
                token));
    }
}
