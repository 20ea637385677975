using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Lists the Security Consoles that this host's Scan Engine knows, the pending ones too.</para>
/// </summary>
/// <example>
/// <code>Get-EngineConsole</code>
/// <para>The consoles that this host's engine knows.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "EngineConsole")]
[OutputType(typeof(EngineConsole))]
public sealed class GetEngineConsoleCommand : EngineCommand
{
    /// <summary>
    /// <para>The consoles' fingerprints; all without it. One that is not there is an error.</para>
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ItemName("Fingerprint")]
    [ArgumentCompleter(typeof(ConsoleFingerprintCompleter))]
    public string[]? Fingerprint { get; set; }

    private protected override void ProcessItem()
    {
        IReadOnlyList<ConsoleRecord> consoles = HasNode ? Admin.Store.ListConsoles() : [];
        if (Fingerprint is null)
        {
            WriteObject(consoles.Select(console => new EngineConsole(console, Folder.Root)), enumerateCollection: true);
            return;
        }

        foreach (string text in Fingerprint)
        {
            Try(() => WriteOne(consoles, text), text);
        }
    }

    private void WriteOne(IReadOnlyList<ConsoleRecord> consoles, string text)
    {
        Fingerprint fingerprint = InputParser.ReadFingerprint(text);
        WriteObject(new EngineConsole(
            consoles.FirstOrDefault(console => console.Pins.Contains(fingerprint)) ?? throw NotFound.Console(text),
            Folder.Root));
    }
}
