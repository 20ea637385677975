using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Consoles;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet for consoles that an engine knows, named by fingerprint or from the pipeline.</summary>
public abstract class NamedConsoleCommand : EngineCommand
{
    /// <summary>
    /// <para>The consoles' fingerprints: 64 hex digits each, with or without colons, hyphens or blanks.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ItemName("Fingerprint")]
    [ArgumentCompleter(typeof(ConsoleFingerprintCompleter))]
    public string[] Fingerprint { get; set; } = [];

    /// <summary>
    /// <para>Returns the console.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Changes that console; null if the user said no.</summary>
    private protected abstract ConsoleRecord? ProcessConsole(ConsoleRecord console, Fingerprint fingerprint);

    private protected override void ProcessItem()
    {
        foreach (string text in Fingerprint)
        {
            Try(() => ProcessOne(text), text);
        }
    }

    private void ProcessOne(string text)
    {
        Fingerprint fingerprint = InputParser.ReadFingerprint(text);
        ConsoleRecord console = (HasNode ? Admin.Store.ListConsoles() : [])
            .FirstOrDefault(known => known.Pins.Contains(fingerprint)) ?? throw NotFound.Console(text);
        if (ProcessConsole(console, fingerprint) is { } changed && PassThru)
        {
            WriteObject(new EngineConsole(changed, Folder.Root));
        }
    }
}
