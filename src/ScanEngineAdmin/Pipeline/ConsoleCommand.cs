using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that works on a console's store.</summary>
public abstract class ConsoleCommand : NodeCommand
{
    // All engines of one run are judged by this one host's firewall.
    private readonly FirewallAnswers _answers = new(shared: true);

    internal ConsoleAdmin Admin => (ConsoleAdmin)AdminOfItem();

    internal ConsoleAdmin OpenedAdmin => (ConsoleAdmin)AdminOfItems();

    private protected sealed override string NodeFolder(DataFolder folder) => folder.Console;

    private protected sealed override IDisposable OpenAdmin(DataFolder folder) =>
        ConsoleAdmin.Open(folder, Stores.Provider, answers: _answers);

    private protected sealed override ScanEngineException NoNode(DataFolder folder) =>
        NotFound.ConsoleIn(folder.Console);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _answers.Dispose();
        }
    }

    /// <summary>Says aloud that what was asked for waits until a console runs.</summary>
    private protected void WarnUnlessConsoleRuns(string what)
    {
        if (!Admin.Describe().IsRunning)
        {
            WriteWarning(
                $"{what} No Security Console runs on '{Folder.Root}' now; start one with Start-SecurityConsole.");
        }
    }
}
