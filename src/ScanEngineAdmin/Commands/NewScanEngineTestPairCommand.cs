using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Pipeline;
using ScanEngineAdmin.TestPairs;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Makes a real console and a real engine on loopback, paired, for tests of one's own scripts.
/// </para>
/// <para type="description">Both run in this process, with throw-away data folders, and are in contact when it returns.
/// What is between them can be broken (Set-ScanEngineTestPair): they reach each other at 127.0.0.1, through what injects
/// faults, also after a change of direction. They notice a fault and its end within seconds, where nodes in use take
/// minutes. Remove-ScanEngineTestPair ends both and removes their folders; so do
/// Remove-Module and the end of the process. One that is killed leaves the folder behind.</para>
/// <para type="parameter DataPath">An empty folder for both data folders, as one on a small disk for tests of a full one;
/// without it one of the system's for temporary files.</para>
/// </summary>
/// <example>
/// <code>$pair = New-ScanEngineTestPair; Get-ScanEngine -DataPath $pair.ConsoleDataPath; $pair | Remove-ScanEngineTestPair</code>
/// <para>A reverse engine and its console, for as long as a test takes.</para>
/// </example>
/// <example>
/// <code>New-ScanEngineTestPair -Direction Standard -EngineName dmz-1</code>
/// <para>A standard one, by a name of one's choice.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "ScanEngineTestPair", SupportsShouldProcess = true)]
[OutputType(typeof(ScanEngineTestPair))]
public sealed class NewScanEngineTestPairCommand : ScanEngineCommand
{
    /// <summary>
    /// <para>Who dials: ConsoleToEngine (Standard) or EngineToConsole (Reverse); Reverse without it.</para>
    /// </summary>
    [Parameter(Position = 0)]
    [Direction]
    public CommunicationDirection Direction { get; set; } = CommunicationDirection.EngineToConsole;

    /// <summary>
    /// <para>The name that the engine goes by at the console; lab-1 without it.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ItemName]
    [ValidateNotNullOrEmpty]
    public string EngineName { get; set; } = "lab-1";

    private protected override void ProcessItem()
    {
        ConsoleAdmin.CheckTyped(EngineName, null, null);
        string? root = FolderIsTyped ? Folder.Root : null;
        if (ShouldProcess(EngineName, $"Make a console and an engine for tests ({Direction})"))
        {
            WriteObject(new ScanEngineTestPair(
                Await((_, token) => TestPair.CreateAsync(root, EngineName, Direction, token))));
        }
    }
}
