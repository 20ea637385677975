using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>For a real packet filter in a namespace.</summary>
internal sealed class NeedsFilterAttribute(FilterKind kind, params string[] more) : NeedsAttribute
{
    protected override string? WhyNot => NetworkNamespace.WhyNot([.. FilterHost.Tools(kind), .. more])
        ?? (kind is FilterKind.Ufw or FilterKind.Firewalld ? FilterHost.WhyNoSandbox.Value : null);
}
