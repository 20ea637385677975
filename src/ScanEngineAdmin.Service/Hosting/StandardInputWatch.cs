using Microsoft.Extensions.Hosting;

namespace ScanEngineAdmin.Service.Hosting;

/// <summary>Stops the host when standard input ends: whoever started it is gone.</summary>
internal sealed class StandardInputWatch(IHostApplicationLifetime lifetime) : IHostedService
{
    // Not a background service: nobody can end a read of standard input, so nobody waits for this one.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = Task.Run(WatchAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WatchAsync()
    {
        using Stream stdin = Console.OpenStandardInput();
        byte[] buffer = new byte[256];
        while (await stdin.ReadAsync(buffer).ConfigureAwait(false) > 0)
        {
        }

        lifetime.StopApplication();
    }
}
