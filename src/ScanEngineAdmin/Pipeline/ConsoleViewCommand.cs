using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// A cmdlet that shows a console with all of its engines, or with those of the pipeline and of the names together.
/// </summary>
public abstract class ConsoleViewCommand : EngineFilterCommand
{
    private readonly Gathered<EngineRecord> _engines = new(engine => engine.PairingId);
    private bool _all;
    private bool _any;

    /// <summary>Shows the engines that were named; all of the console's where none were.</summary>
    private protected abstract void Show(EngineRecord[] engines, bool all);

    /// <summary>What came by the pipeline names no engine.</summary>
    private protected virtual void ShowNone()
    {
    }

    private protected sealed override void ProcessItem()
    {
        _ = HasNode ? Admin : throw NotFound.ConsoleIn(Folder.Console);
        _any = true;
        _all |= Name is null;
        foreach (EngineRecord engine in SelectEngines())
        {
            _engines.Add(engine);
        }
    }

    private protected sealed override void Settle()
    {
        EngineRecord[] engines = _engines.TakeAll();
        (bool all, bool any) = (_all, _any);
        (_all, _any) = (false, false);
        if (any && (all || engines.Length > 0))
        {
            Show(engines, all);
        }
        else
        {
            ShowNone();
        }
    }
}
