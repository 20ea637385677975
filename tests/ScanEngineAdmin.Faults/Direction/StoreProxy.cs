using System.Reflection;
using System.Runtime.ExceptionServices;

namespace ScanEngineAdmin.Faults.Direction;

/// <summary>A store with something around each of its calls; what is not of interest passes untouched.</summary>
#pragma warning disable CA1852 // The proxy that is made at run time derives from it.
internal class StoreProxy<TStore> : DispatchProxy
    where TStore : class
#pragma warning restore CA1852
{
    private TStore? _inner;
    private Around? _around;

    /// <summary>Must call <paramref name="invoke"/> once and return what it returns.</summary>
    internal delegate object? Around(TStore inner, string member, object?[] arguments, Func<object?> invoke);

    public static TStore Wrap(TStore inner, Around around)
    {
        TStore wrapped = Create<TStore, StoreProxy<TStore>>();
        var proxy = (StoreProxy<TStore>)(object)wrapped;
        (proxy._inner, proxy._around) = (inner, around);
        return wrapped;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _around!(_inner!, targetMethod!.Name, args ?? [], () =>
        {
            try
            {
                return targetMethod.Invoke(_inner, args);
            }
            catch (TargetInvocationException exception)
            {
                // The product catches its own exceptions, not reflection's.
                ExceptionDispatchInfo.Throw(exception.InnerException!);
                throw;
            }
        });
}
