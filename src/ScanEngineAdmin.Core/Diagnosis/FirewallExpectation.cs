using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>Puts before a verdict what it means for a way that should be closed.</summary>
internal static class FirewallExpectation
{
    public static string Word(FirewallTestRequest request, bool succeeded, FirewallVerdict verdict, string detail)
    {
        if (request.ShouldBeOpen)
        {
            return detail;
        }

        if (succeeded)
        {
            return $"Open, though the other direction is in use: {request.EndPoint} should be closed. Close it: "
                + $"Set-ScanEngineCommunication -Name '{RuleText.Name(request.EngineName)}' -Direction "
                + $"{Other(request)} -WhatIf shows the rule to remove. {detail}";
        }

        return verdict switch
        {
            FirewallVerdict.WrongDirection or FirewallVerdict.NotAuthorized =>
                $"Closed to this pairing, as it should be: the port is reachable, but the node refuses. {detail}",
            FirewallVerdict.Unknown => $"Closed as far as was seen, as it should be. {detail}",
            _ => $"Closed, as it should be. {detail}",
        };
    }

    private static CommunicationDirection Other(FirewallTestRequest request) =>
        request.Direction == CommunicationDirection.ConsoleToEngine
            ? CommunicationDirection.EngineToConsole
            : CommunicationDirection.ConsoleToEngine;
}
