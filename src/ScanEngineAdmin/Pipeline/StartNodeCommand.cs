using System.Management.Automation;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Hosting;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that runs a node in this process and returns its handle.</summary>
public abstract class StartNodeCommand : ScanEngineCommand
{
    /// <summary>
    /// <para>Holds the prompt until Ctrl+C, SIGTERM or a Stop- cmdlet ends the node; it then says goodbye and frees its
    /// port before the cmdlet returns.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>
    /// <para>Returns a job instead of the handle; Stop-Job stops the node.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>
    /// <para>A file for the node's log: JSON lines of 16 MB, of which eight files are kept (log, log.1, ...), readable by
    /// its owner alone. Its folder has to be the user's own, with nobody else who may write there.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    private protected abstract string JobType { get; }

    /// <summary>The full path of the log's file, or null.</summary>
    private protected string? LogFile { get; private set; }

    /// <summary>Where the node is found among those of this process.</summary>
    private protected abstract string NodeKey { get; }

    /// <summary>The node that runs in this process already and would be shared; null where none does.</summary>
    private protected HostedNode? Running => ModuleLifetime.Nodes.Find(NodeKey);

    /// <summary>What is about to be started where, as a prompt and -WhatIf say it.</summary>
    private protected abstract (string Target, string Action) Confirmation { get; }

    /// <summary>Whether the node ends by itself, and the cmdlet with it.</summary>
    private protected virtual bool RunsOut => false;

    /// <summary>
    /// What a start made: the node, whether this call started it, its handles, and what it is called.
    /// </summary>
    private protected sealed record Started(
        HostedNode Node, bool IsMine, IReadOnlyList<object> Handles, string Location, string? Warning = null);

    /// <summary>What cannot be, as things stand: said before the prompt, and with -WhatIf. Makes nothing.</summary>
    private protected abstract void Check();

    private protected abstract Task<Started> StartAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Starts, delivers the handle and waits if asked to. A start whose pipeline is stopped (Ctrl+C, a downstream that
    /// has enough or fails) leaves nothing behind: what it started is stopped before it returns.
    /// </summary>
    private void Run()
    {
        using StopSignals? signals = Wait || RunsOut ? new StopSignals() : null;
        HostedNode? mine = null;
        bool keep = false;
        try
        {
            Started started = Await(async (_, token) =>
            {
                Started made = await StartAsync(token).ConfigureAwait(false);
                mine = made.IsMine ? made.Node : null;
                return made;
            });
            CheckLog(started.IsMine ? null : started.Node);
            if (started.Warning is { } warning)
            {
                WriteWarning(warning);
            }

            if (RunsOut && started.IsMine && !AsJob)
            {
                Hold(started.Node, signals);
                Stop(started.Node);
                WriteObject(started.Handles, enumerateCollection: true);
                return;
            }

            if (AsJob)
            {
                var job = new NodeJob(
                    MyInvocation.Line.Trim(), JobType, started.Location, started.Node, started.Handles);
                JobRepository.Add(job);
                WriteObject(job);
            }
            else
            {
                WriteObject(started.Handles, enumerateCollection: true);
            }

            if (Wait)
            {
                Hold(started.Node, signals);
                return;
            }

            WarnIfHostEnds();
            keep = true;
        }
        finally
        {
            if (!keep && mine is not null)
            {
                Stop(mine);
            }
        }
    }

    // A node that runs logs where it was told to when it was started. Asked before the start, which may pair; and after
    // the start once more, as another runspace may have been quicker.
    private void CheckLog(HostedNode? running)
    {
        if (LogFile is null || running is null || running.Log.Path == LogFile)
        {
            return;
        }

        if (running is RemoteNode)
        {
            WriteWarning("The engine runs in another process and logs as that one was started: -LogPath has no effect.");
            return;
        }

        throw new ScanEngineException(
            FaultCode.OptionInvalid,
            $"The node already runs in this process, and its log goes to {running.Log.Path ?? "no file"}.",
            "Leave -LogPath out, or stop the node first.",
            nameof(LogPath));
    }

    private void Hold(HostedNode node, StopSignals? signals)
    {
        Await(async (writer, token) =>
        {
            node.Log.Listen(writer.Log);
            try
            {
                Task asked = Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, token);
                return await Task.WhenAny(node.Completion, signals?.Asked ?? asked, asked).ConfigureAwait(false);
            }
            finally
            {
                node.Log.Listen(null);
            }
        });
        if (node.Fault is { } fault)
        {
            throw fault as ScanEngineException ?? new ScanEngineException(
                FaultCode.InternalError, $"{JobType} could not go on: {fault.Message}", "Start it again.", null, fault);
        }
    }

    // The pipeline's thread waits here by intent: the port is free when the cmdlet returns. The stop bounds itself.
    private static void Stop(HostedNode node) => Task.WaitAny(node.StopAsync());

    private void WarnIfHostEnds()
    {
        if (HostLifetime.EndsByItself(HostLifetime.ProcessArguments(), Host.Name))
        {
            WriteWarning(
                $"{JobType} ends with this PowerShell process, which ends with its command or script. "
                + "Use -Wait to hold it, or pwsh -NoExit.");
        }
    }

    private protected sealed override void ProcessItem()
    {
        try
        {
            if (Wait && AsJob)
            {
                throw new ScanEngineException(
                    FaultCode.OptionInvalid,
                    "-Wait and -AsJob do not go together.",
                    "Use -Wait to hold the prompt, or -AsJob to get it back with a job.",
                    "AsJob");
            }

            LogFile = LogPath is null ? null : Path.GetFullPath(FilePath(LogPath));
            Check();
            CheckLog(Running);
            if (ShouldProcess(Confirmation.Target, Confirmation.Action))
            {
                Run();
            }
        }
        catch (ScanEngineException fault)
        {
            ThrowTerminatingError(FaultRecord.Of(fault, null));
        }
    }
}
