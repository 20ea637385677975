using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that works on a console's store.</summary>
public abstract class ConsoleCommand : ScanEngineCommand
{
    // All engines of one run are judged by this one host's firewall.
    private readonly FirewallAnswers _answers = new();
    private ConsoleAdmin? _admin;
    private DataFolder? _openedOn;

    /// <summary>
    /// The console's data, opened at first use; an item that names another data folder opens that one.
    /// </summary>
    internal ConsoleAdmin Admin
    {
        get
        {
            DataFolder folder = Folder;
            if (_admin is not null && !ReferenceEquals(folder, _openedOn))
            {
                try
                {
                    Settle();
                }
                finally
                {
                    _admin.Dispose();
                    _admin = null;
                }
            }

            if (_admin is null)
            {
                if (FolderIsTheItems && !HasConsole)
                {
                    throw NotFound.ConsoleIn(folder.Console);
                }

                _admin = ConsoleAdmin.Open(folder, Stores.Provider, answers: _answers);
                _openedOn = folder;
            }

            return _admin;
        }
    }

    /// <summary>The console's data of the items so far, whatever folder the next one names.</summary>
    internal ConsoleAdmin OpenedAdmin => _admin ?? Admin;

    /// <summary>
    /// Does what was gathered of the pipeline's items, by <see cref="OpenedAdmin"/>: at their end, and before an item
    /// of another data folder closes this one's.
    /// </summary>
    private protected virtual void Settle()
    {
    }

    private protected sealed override void Finish() => Settle();

    /// <summary>Whether a console was ever run or set up here. Reading what is not there must not make it.</summary>
    private protected bool HasConsole => Directory.Exists(Folder.Console);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _admin?.Dispose();
            _admin = null;
        }

        base.Dispose(disposing);
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
