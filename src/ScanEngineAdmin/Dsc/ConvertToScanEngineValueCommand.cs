using System.Management.Automation;
using System.Net;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Pipeline;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Dsc;

/// <summary>
/// The one text in which two spellings of a value are equal, read as the cmdlets read it that store the value: what
/// these refuse is refused here. The DSC resources compare by it, which may name no type of this library. Not exported.
/// </summary>
[Cmdlet(VerbsData.ConvertTo, "ScanEngineValue")]
[OutputType(typeof(string))]
public sealed class ConvertToScanEngineValueCommand : PSCmdlet
{
    /// <summary>
    /// <para>What the value is: Address, Name, Fingerprint, or the list of a policy, Allow or Deny.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateSet("Address", "Name", "Fingerprint", "Allow", "Deny")]
    public string Kind { get; set; } = string.Empty;

    /// <summary>
    /// <para>The value; a list for a policy's.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? Value { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            WriteObject(Read(Value ?? []));
        }
        catch (ScanEngineException fault)
        {
            ThrowTerminatingError(FaultRecord.Of(fault, Kind));
        }
    }

    private string Read(string[] texts) => Kind switch
    {
        "Address" => Address(string.Concat(texts)),
        "Name" => EngineName.Validate(string.Concat(texts)).ToUpperInvariant(),
        "Fingerprint" => InputParser.ReadFingerprint(string.Concat(texts)).ToString(),
        _ => Targets(texts),
    };

    // Names of hosts are the same in any case, and with a dot at the end; addresses in any of their forms.
    private static string Address(string typed)
    {
        string text = DialAddress.Validate(typed);
        return IPAddress.TryParse(text, out IPAddress? address) ? $"{address}" : text.TrimEnd('.').ToUpperInvariant();
    }

    private string Targets(string[] texts)
    {
        IReadOnlyList<string> typed = TargetPolicy.Typed(texts, $"-{Kind}");
        return string.Join(", ", TargetPolicyGuard.Rules(typed, Kind == "Allow" ? "allowed" : "denied").Ranges);
    }
}
