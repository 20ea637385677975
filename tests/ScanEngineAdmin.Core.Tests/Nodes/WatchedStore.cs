using System.Reflection;
using System.Runtime.ExceptionServices;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>
/// A store with somebody between it and the node: told of every call before it is made, with the member's name and what
/// it is given, it may do something at that very moment, wait, or throw in the store's place.
/// </summary>
#pragma warning disable CA1852 // The proxy that is made at run time derives from it.
internal class WatchedStore<TStore> : DispatchProxy
#pragma warning restore CA1852
    where TStore : class
{
    private TStore? _inner;
    private Action<string, object?[]>? _before;

    public static TStore Wrap(TStore inner, Action<string, object?[]> before)
    {
        TStore wrapped = Create<TStore, WatchedStore<TStore>>();
        var watch = (WatchedStore<TStore>)(object)wrapped;
        (watch._inner, watch._before) = (inner, before);
        return wrapped;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _before!(targetMethod!.Name, args ?? []);
        try
        {
            return targetMethod.Invoke(_inner, args);
        }
        catch (TargetInvocationException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerException!);
            throw;
        }
    }
}
