using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Status;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Tests.Status;

public sealed class StatusPaceTests
{
    [Fact]
    public void A_change_is_read_soon_nothing_new_seldom_and_a_slow_store_more_seldom()
    {
        var time = new ManualTime();
        IConsoleStore store = DispatchProxy.Create<IConsoleStore, VersionOnly>();
        var version = (VersionOnly)(object)store;
        var pace = new StatusPace(store, time);

        Assert.True(pace.IsDue());
        pace.Read(() => 0);
        Assert.False(pace.IsDue());
        version.Number++;
        Assert.False(pace.IsDue());
        time.Pass(TimeSpan.FromSeconds(0.5));
        Assert.True(pace.IsDue());

        pace.Read(() => 0);
        time.Pass(TimeSpan.FromSeconds(1.9));
        Assert.False(pace.IsDue());
        time.Pass(TimeSpan.FromSeconds(0.1));
        Assert.True(pace.IsDue());

        pace.Read(() =>
        {
            time.Pass(TimeSpan.FromSeconds(1));
            return 0;
        });
        version.Number++;
        time.Pass(TimeSpan.FromSeconds(8.9));
        Assert.False(pace.IsDue());
        time.Pass(TimeSpan.FromSeconds(0.1));
        Assert.True(pace.IsDue());
    }

    [SuppressMessage("Performance", "CA1852", Justification = "DispatchProxy derives from it.")]
    private class VersionOnly : DispatchProxy
    {
        public long Number { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod?.Name == "get_DataVersion" ? Number : throw new NotSupportedException(targetMethod?.Name);
    }
}
