using System.Net;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>One connection: does the host's filter let it through?</summary>
internal sealed record Question(RuleFlow Flow, IPAddress Peer, int Port);
