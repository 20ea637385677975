using System.Collections;
using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Makes a plan parameter also take a plan that went through a file, a job or remoting: plans are made on the
/// console's host and applied on the engine's. What a rule holds is checked by whoever writes it as a command.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FirewallPlanAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is null or FirewallPlan)
        {
            return value;
        }

        try
        {
            return Read(PSObject.AsPSObject(inputData!));
        }
        catch (Exception e) when (e is PSInvalidCastException or InvalidOperationException)
        {
            throw new ArgumentTransformationMetadataException(
                "This is no firewall plan. Give what Set-ScanEngineCommunication (with -WhatIf or without) returned. "
                + e.Message);
        }
    }

    private static FirewallPlan Read(PSObject plan) => new()
    {
        ChangeId = Get<Guid>(plan, nameof(FirewallPlan.ChangeId)),
        PairingId = Get<Guid>(plan, nameof(FirewallPlan.PairingId)),
        DataPath = plan.Properties[nameof(FirewallPlan.DataPath)]?.Value?.ToString(),
        EngineName = Get<string>(plan, nameof(FirewallPlan.EngineName)),
        From = Get<CommunicationDirection>(plan, nameof(FirewallPlan.From)),
        To = Get<CommunicationDirection>(plan, nameof(FirewallPlan.To)),
        Epoch = Get<long>(plan, nameof(FirewallPlan.Epoch)),
        DryRun = Get<bool>(plan, nameof(FirewallPlan.DryRun)),
        State = Get<ChangeState>(plan, nameof(FirewallPlan.State)),
        Rules = Items(plan, nameof(FirewallPlan.Rules)).Select(ReadRule).ToArray(),
        // For people only, and a plan of an earlier version has none.
        OutboundUnknown = plan.Properties[nameof(FirewallPlan.OutboundUnknown)] is null ? []
            : Items(plan, nameof(FirewallPlan.OutboundUnknown))
                .Select(LanguagePrimitives.ConvertTo<NodeRole>).ToArray(),
    };

    private static FirewallRule ReadRule(object item)
    {
        PSObject rule = PSObject.AsPSObject(item);
        return rule.BaseObject as FirewallRule ?? new FirewallRule
        {
            RuleId = Get<string>(rule, nameof(FirewallRule.RuleId)),
            HostRole = Get<NodeRole>(rule, nameof(FirewallRule.HostRole)),
            Host = Get<string>(rule, nameof(FirewallRule.Host)),
            Change = Get<RuleChange>(rule, nameof(FirewallRule.Change)),
            Flow = Get<RuleFlow>(rule, nameof(FirewallRule.Flow)),
            Protocol = Get<string>(rule, nameof(FirewallRule.Protocol)),
            LocalPort = Get<int>(rule, nameof(FirewallRule.LocalPort)),
            RemoteAddress = Items(rule, nameof(FirewallRule.RemoteAddress))
                .Select(static a => LanguagePrimitives.ConvertTo<string>(a)).ToArray(),
            AddressFamily = Get<RuleFamily>(rule, nameof(FirewallRule.AddressFamily)),
            Reason = Get<string>(rule, nameof(FirewallRule.Reason)),
        };
    }

    private static T Get<T>(PSObject of, string name)
    {
        // A property that is missing must not become the first of an enum, or an empty list of addresses "any".
        object value = of.Properties[name]?.Value
            ?? throw new InvalidOperationException($"It has no {name}.");
        T read = LanguagePrimitives.ConvertTo<T>(value);
        return read is Enum && !Enum.IsDefined(typeof(T), read)
            ? throw new InvalidOperationException($"'{value}' is no {name}.")
            : read;
    }

    private static IEnumerable<object> Items(PSObject of, string name)
    {
        object value = of.Properties[name]?.Value
            ?? throw new InvalidOperationException($"It has no {name}.");
        object bare = value is PSObject wrapped ? wrapped.BaseObject : value;
        return bare is IEnumerable many and not string
            ? many.Cast<object>()
            : throw new InvalidOperationException(
                $"Its {name} went through too shallow a copy (a list became a text).");
    }
}
