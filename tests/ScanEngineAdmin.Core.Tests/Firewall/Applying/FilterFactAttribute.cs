using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>A test against a real packet filter; where none can be had the run says that it was skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FilterFactAttribute : FactAttribute
{
    public FilterFactAttribute(FilterKind kind, params string[] more)
    {
        Skip = NetworkNamespace.WhyNot([.. FilterHost.Tools(kind), .. more]);
        if (Skip is null && kind is FilterKind.Ufw or FilterKind.Firewalld)
        {
            Skip = FilterHost.WhyNoSandbox.Value;
        }
    }
}
