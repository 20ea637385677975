using ScanEngineAdmin.Service.Hosting;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

public sealed class MemoryTrimTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly SemaphoreSlim _asked = new(0);
    private long _bytes;
    private int _collected;

    public void Dispose() => _asked.Dispose();

    [Fact]
    public async Task Memory_is_given_back_once_when_work_has_ended()
    {
        using var trim = new MemoryTrim(_time, Allocated, () => _collected++);
        await trim.StartAsync(default);
        await _asked.WaitAsync();

        await PassAsync(0);
        await PassAsync(0);
        Assert.Equal(1, await CollectedAsync());

        await PassAsync(MemoryTrim.Busy);
        await PassAsync(MemoryTrim.AtRest);
        Assert.Equal(2, await CollectedAsync());

        await PassAsync(MemoryTrim.Busy - 1);
        Assert.Equal(2, await CollectedAsync());
        await trim.StopAsync(default);
    }

    // A look sees what the look before has led to.
    private async Task<int> CollectedAsync()
    {
        await PassAsync(0);
        await PassAsync(MemoryTrim.AtRest);
        return _collected;
    }

    private async Task PassAsync(long bytes)
    {
        _bytes += bytes;
        _time.Pass(MemoryTrim.Interval);
        Assert.True(await _asked.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    private long Allocated()
    {
        _asked.Release();
        return _bytes;
    }
}
