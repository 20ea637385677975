using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Hosting;

/// <summary>
/// While it lives, SIGTERM asks for a clean stop instead of ending the process: PowerShell itself dies of it without
/// any clearing up. Held only while -Wait holds the prompt, or the user's shell could not be ended.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration _registration;

    public StopSignals() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
    {
        context.Cancel = true;
        _asked.TrySetResult();
    });

    public Task Asked => _asked.Task;

    public void Dispose() => _registration.Dispose();
}
