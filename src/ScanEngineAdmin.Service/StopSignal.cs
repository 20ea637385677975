using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Service;

/// <summary>Waits until the process is asked to stop: SIGINT, SIGTERM, or the end of standard input.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public StopSignal(bool withStdin)
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        if (withStdin)
        {
            _ = Task.Run(WatchStdinAsync);
        }
    }

    public Task Asked => _asked.Task;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        // Cancelled, so that the process lives until it has said goodbye on its channels.
        context.Cancel = true;
        _asked.TrySetResult();
    }

    private async Task WatchStdinAsync()
    {
        using Stream stdin = Console.OpenStandardInput();
        byte[] buffer = new byte[256];
        while (await stdin.ReadAsync(buffer).ConfigureAwait(false) > 0)
        {
        }

        _asked.TrySetResult();
    }
}
