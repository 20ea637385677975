using System.Management.Automation;
using ScanEngineAdmin.Core;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// What all cmdlets share: the data folder, the way errors are reported, and how asynchronous work is run.
/// </summary>
public abstract class ScanEngineCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private string? _resolvedFor;
    private DataFolder? _folder;

    /// <summary>
    /// <para>The data folder of the console or engine (with console/ and engine/ below it). Without it:
    /// $env:SCANENGINEADMIN_DATA, else the machine-wide folder, else the user's own.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? DataPath { get; set; }

    internal CancellationToken StopToken => _stop.Token;

    /// <summary>The data folder for the item at hand; an item of the pipeline may bring its own.</summary>
    internal DataFolder Folder
    {
        get
        {
            if (_folder is null || _resolvedFor != DataPath)
            {
                _folder = DataFolder.Resolve(DataPath is null ? null : FileSystemPath(DataPath));
                _resolvedFor = DataPath;
            }

            return _folder;
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs one item of the pipeline.</summary>
    protected sealed override void ProcessRecord() => Guard(ProcessItem);

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

    private protected virtual void ProcessItem()
    {
    }

    private protected virtual void Finish()
    {
    }

    private protected T Await<T>(Func<PipelineWriter, CancellationToken, Task<T>> work) =>
        PipelinePump.Run(this, work, StopToken);

    private protected void Report(ScanEngineException fault, object? named = null)
    {
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

    private string FileSystemPath(string path)
    {
        string resolved = SessionState.Path.GetUnresolvedProviderPathFromPSPath(
            path, out ProviderInfo provider, out PSDriveInfo _);
        return provider.Name == "FileSystem" ? resolved : throw new ScanEngineException(
            FaultCode.DataFolderInvalid,
            $"The data folder '{path}' is not in a file system (it is in {provider.Name}).",
            "Name a folder of a local disk: -DataPath <folder>.",
            path);
    }
}
