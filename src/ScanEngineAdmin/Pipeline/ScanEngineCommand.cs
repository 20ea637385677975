using System.Collections;
using System.Management.Automation;
using System.Reflection;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Text;
using ScanEngineAdmin.Hosting;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// What all cmdlets share: the data folder, the way errors are reported, and how asynchronous work is run.
/// </summary>
public abstract class ScanEngineCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private string? _dataPath;
    private string? _resolvedFor;
    private DataFolder? _folder;
    private readonly HashSet<string> _typed = [];
    private readonly HashSet<string> _notMeant = [];

    /// <summary>
    /// <para>The data folder of the console or engine (with console/ and engine/ below it). Without it:
    /// $env:SCANENGINEADMIN_DATA, else the machine-wide folder, else the user's own. An object of this module brings
    /// the folder that it came from, and is refused where another one is named.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ItemName(nameof(DataPath), AnyText = true)]
    public string? DataPath { get; set; }

    internal CancellationToken StopToken => _stop.Token;

    /// <summary>The data folder for the item at hand; an item of the pipeline may bring its own.</summary>
    internal DataFolder Folder
    {
        get
        {
            if (_folder is null || _resolvedFor != _dataPath)
            {
                _folder = DataFolder.Resolve(_dataPath is null ? null : FolderPath(_dataPath));
                _resolvedFor = _dataPath;
            }

            return _folder;
        }
    }

    /// <summary>Whether an object brought the folder: it was there once, and must not be made again.</summary>
    private protected bool FolderIsTheItems { get; private set; }

    /// <summary>Whether -DataPath was typed: it holds for all items then.</summary>
    private protected bool FolderIsTyped { get; private set; }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs one item of the pipeline.</summary>
    protected sealed override void ProcessRecord() => Guard(() =>
    {
        TakeFolder();
        TakeRow();
        ProcessItem();
    });

    /// <summary>What was typed and is empty is a variable that was not set, and no choice of the default.</summary>
    protected sealed override void BeginProcessing() => Guard(() =>
    {
        _typed.UnionWith(MyInvocation.BoundParameters.Keys);
        FolderIsTyped = IsBound(nameof(DataPath));
        if (FolderIsTyped && string.IsNullOrWhiteSpace(DataPath))
        {
            throw new ScanEngineException(
                FaultCode.DataFolderInvalid,
                "The data folder that -DataPath names is empty.",
                "Name a folder: -DataPath <folder>, or leave -DataPath out.",
                nameof(DataPath));
        }

        _dataPath = DataPath;
        RefuseEmpty();
        Prepare();
    });

    /// <summary>Runs what is left when the pipeline's items are through.</summary>
    protected sealed override void EndProcessing() => Guard(Finish);

    /// <summary>Asks the work under way to stop; <see cref="ProcessRecord"/> then waits for it.</summary>
    protected sealed override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The cmdlet ended by itself at the same moment.
        }
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }
    }

    /// <summary>Sees which parameters were typed, before the pipeline's first item binds more.</summary>
    private protected virtual void Prepare()
    {
    }

    private protected bool IsBound(string parameter) =>
        MyInvocation.BoundParameters.ContainsKey(parameter) && !_notMeant.Contains(parameter);

    /// <summary>A parameter's value where it was given: a number has none that says it was not.</summary>
    private protected T? Bound<T>(string parameter, T value)
        where T : struct => IsBound(parameter) ? value : null;

    /// <summary>
    /// The full path of a file or folder; it may be relative to PowerShell's location, which is not the process's.
    /// </summary>
    /// <param name="path">What was typed.</param>
    /// <param name="code">The fault if it is no path of a file system.</param>
    /// <param name="what">What it names, as a message begins.</param>
    /// <param name="recommendation">What to type instead.</param>
    private protected string FileSystemPath(string path, FaultCode code, string what, string recommendation)
    {
        string resolved = SessionState.Path.GetUnresolvedProviderPathFromPSPath(
            path, out ProviderInfo provider, out PSDriveInfo _);
        return provider.Name == "FileSystem" ? resolved : throw new ScanEngineException(
            code, $"{what}'{path}' is not in a file system (it is in {provider.Name}).", recommendation, path);
    }

    /// <exception cref="ScanEngineException">OptionInvalid.</exception>
    private protected string FilePath(string path) =>
        FileSystemPath(path, FaultCode.OptionInvalid, string.Empty, "Name a file of a disk: -Path <file>.");

    /// <summary>A file as Get-Item returns it.</summary>
    private protected object FileItem(string path) =>
        InvokeProvider.Item.Get([path], force: true, literalPath: true).Single();

    private string FolderPath(string path) => FileSystemPath(
        path, FaultCode.DataFolderInvalid, "The data folder ", "Name a folder of a local disk: -DataPath <folder>.");

    private protected virtual void ProcessItem()
    {
    }

    private protected virtual void Finish()
    {
    }

    /// <summary>Where an object comes from that is to be acted on; null if this cmdlet does not act there.</summary>
    private protected virtual ItemOrigin? OriginOf(ItemOrigin origin) => origin;

    private protected T Await<T>(Func<PipelineWriter, CancellationToken, Task<T>> work) =>
        PipelinePump.Run(this, work, StopToken);

    /// <summary>
    /// Work as a job of the session, which outlives this cmdlet: nothing that the cmdlet disposes may be used by it.
    /// </summary>
    private protected void StartJob(string location, Func<PipelineWriter, CancellationToken, Task> work)
    {
        var job = new WorkJob(
            MyInvocation.Line.Trim(), MyInvocation.MyCommand.Name.Replace("-", string.Empty, StringComparison.Ordinal),
            location);
        JobRepository.Add(job);
        job.Start(work);
        WriteObject(job);
    }

    /// <summary>The fault with what this cmdlet knows of its cause.</summary>
    private protected virtual ScanEngineException Explain(ScanEngineException fault) => fault;

    internal void Report(ScanEngineException fault, object? named = null)
    {
        fault = Explain(fault);
        ErrorRecord error = FaultRecord.Of(fault, named);
        if (FaultCategories.EndsThePipeline(fault.Code))
        {
            ThrowTerminatingError(error);
        }

        WriteError(error);
    }

    /// <summary>
    /// Runs a step for something the user named; its fault becomes an error record and the pipeline goes on.
    /// </summary>
    private protected bool Try(Action step, object? named)
    {
        try
        {
            step();
            return true;
        }
        catch (ScanEngineException fault)
        {
            Report(fault, named);
            return false;
        }
    }

    /// <summary>
    /// The folder of the item at hand: the one that was named, else the one that the item, or an object given as an
    /// argument, came from. What came from elsewhere is refused before anything is done to it.
    /// </summary>
    /// <exception cref="ScanEngineException">DataFolderOther.</exception>
    private void TakeFolder()
    {
        string? wanted = string.IsNullOrWhiteSpace(DataPath) ? null : DataPath;
        ItemOrigin? first = null;
        foreach (ItemOrigin origin in ItemOrigin.Of(this).Select(OriginOf).OfType<ItemOrigin>())
        {
            if (origin.IsElsewhere)
            {
                throw ItemOrigin.Elsewhere(origin);
            }

            string? other = (FolderIsTyped ? wanted : null) ?? first?.DataPath;
            if (other is not null && !IsSame(other, origin.DataPath))
            {
                throw ItemOrigin.Other(origin, other, FolderIsTyped);
            }

            first ??= origin;
        }

        FolderIsTheItems = !FolderIsTyped && first is not null;
        _dataPath = FolderIsTyped ? wanted : first?.DataPath;
    }

    /// <summary>What the item's cell for a parameter holds; null if that is blank, or was typed.</summary>
    internal string? CellOf(string parameter) => _typed.Contains(parameter) ? null : ItemOrigin.CellOf(this, parameter);

    /// <summary>Leaves out what the item has and does not ask for: an object's own state, and blank cells.</summary>
    private void TakeRow()
    {
        _notMeant.Clear();
        if (!MyInvocation.ExpectingInput)
        {
            return;
        }

        bool nothing = ItemOrigin.IsOfModule(this);
        foreach (PropertyInfo other in RowValueAttribute.Others(GetType())
            .Where(one => !nothing && !IsBound(one.Name) && IsOfThisSet(one)))
        {
            RequireRead(other.Name);
        }

        foreach (PropertyInfo value in RowValueAttribute.Of(GetType()).Where(one => !_typed.Contains(one.Name)))
        {
            bool blank = Cell.IsBlank(value.GetValue(this));
            if (blank && !nothing)
            {
                RequireRead(value.Name);
            }

            if (IsBound(value.Name) && (nothing || blank))
            {
                _notMeant.Add(value.Name);
                value.SetValue(this, null);
            }
        }
    }

    /// <summary>Refuses a row whose cell for a parameter PowerShell has passed over: no value can be made of it.</summary>
    private void RequireRead(string parameter)
    {
        if (CellOf(parameter) is { } cell)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"The row's {parameter} '{TypedText.Shown(cell)}' cannot be read. Nothing of the row was done.",
                $"Mend it, or leave it out: Get-Help {MyInvocation.MyCommand.Name} -Parameter {parameter}.",
                ItemOrigin.CellOf(this, "Name") ?? cell);
        }
    }

    private bool IsOfThisSet(PropertyInfo parameter) => parameter.GetCustomAttributes<ParameterAttribute>().Any(
        by => by.ParameterSetName == ParameterSetName || by.ParameterSetName == ParameterAttribute.AllParameterSets);

    /// <summary>
    /// What PowerShell itself does for mandatory parameters, for all of them: a filter by a variable that was never set
    /// would let everything through, and a fingerprint that is not there would compare nothing.
    /// </summary>
    private void RefuseEmpty()
    {
        foreach ((string name, object? value) in MyInvocation.BoundParameters)
        {
            Type? allowed = value switch
            {
                null => typeof(AllowNullAttribute),
                string { Length: 0 } => typeof(AllowEmptyStringAttribute),
                ICollection { Count: 0 } => typeof(AllowEmptyCollectionAttribute),
                _ => null,
            };
            if (allowed is not null && GetType().GetProperty(name) is { } parameter && !parameter.IsDefined(allowed, inherit: true))
            {
                ThrowTerminatingError(FaultRecord.Of(
                    new ScanEngineException(
                        FaultCode.OptionInvalid,
                        $"-{name} was given, and there is nothing in it: a variable that is not set, for example. Nothing was done.",
                        $"Give -{name} a value, or leave it out.",
                        name),
                    name));
            }
        }
    }

    private bool IsSame(string one, string other) => string.Equals(
        FullPath(one), FullPath(other), OperatingSystem.IsWindows()
            ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    private string FullPath(string path) =>
        System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(FolderPath(path)));

    private void Guard(Action step)
    {
        try
        {
            step();
        }
        catch (ScanEngineException fault)
        {
            Report(fault);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }
}
