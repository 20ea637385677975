using System.Management.Automation;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Pipeline;

/// <summary>The data folder that an object came from, and the computer if it came from another process.</summary>
/// <param name="DataPath">The folder, on the computer that the object came from.</param>
/// <param name="Computer">As remoting and jobs note it; null for an object of this session or of a file.</param>
/// <param name="Subject">What the object is, for messages.</param>
internal sealed record ItemOrigin(string DataPath, string? Computer, string Subject)
{
    // PowerShell binds the properties of an item that a cmdlet has parameters for, and never the item. Where -DataPath
    // was typed the item's own is not among them, and the item would be taken for one of another console.
    private static readonly PropertyInfo? PipelineItem = typeof(Cmdlet).GetProperty(
        "CurrentPipelineObject", BindingFlags.Instance | BindingFlags.NonPublic);

    // An argument that was an object reaches the cmdlet as its name: the very text knows where the object came from.
    private static readonly ConditionalWeakTable<string, ItemOrigin> OfArguments = [];

    /// <summary>Whether it came from another computer, whose paths say nothing here.</summary>
    public bool IsElsewhere => Computer is not null && !IsThisComputer(Computer);

    /// <summary>Where the pipeline's item and the objects given as arguments come from.</summary>
    public static IEnumerable<ItemOrigin> Of(PSCmdlet cmdlet)
    {
        if (cmdlet.MyInvocation.ExpectingInput && Read(PipelineItem?.GetValue(cmdlet)) is { } item)
        {
            yield return item;
        }

        foreach (object? value in cmdlet.MyInvocation.BoundParameters.Values)
        {
            IEnumerable<string> texts = value switch
            {
                string text => [text],
                string[] many => many,
                _ => [],
            };
            foreach (string text in texts)
            {
                if (text is not null && OfArguments.TryGetValue(text, out ItemOrigin? origin))
                {
                    yield return origin;
                }
            }
        }
    }

    /// <summary>
    /// Whether the pipeline's item is an object of this module, live, copied, or some properties of one: it says how
    /// things are, and a row of a file how they are to be. What cannot be seen counts as such an object.
    /// </summary>
    public static bool IsOfModule(PSCmdlet cmdlet) =>
        PipelineItem?.GetValue(cmdlet) is not { } item
        || PSObject.AsPSObject(item).TypeNames.Any(static name => // Deserialized., Selected., or both; and CSV: of a file.
            name.Contains("ScanEngineAdmin.", StringComparison.Ordinal) && !name.StartsWith("CSV:", StringComparison.Ordinal));

    /// <summary>The text of the item's cell that PowerShell bound to a parameter by its name; null if it has none.</summary>
    public static string? CellOf(PSCmdlet cmdlet, string parameter) => cmdlet.MyInvocation.ExpectingInput
        && PipelineItem?.GetValue(cmdlet) is { } item ? Text(PSObject.AsPSObject(item), parameter) : null;

    /// <summary>The origin of an object of this module, live or not; null of anything else.</summary>
    public static ItemOrigin? Read(object? item)
    {
        if (item is null || (item is PSObject wrapped ? wrapped.BaseObject : item) is string or ValueType)
        {
            return null;
        }

        PSObject of = PSObject.AsPSObject(item);
        string? dataPath = Text(of, nameof(DataPath));
        return dataPath is null
            ? null
            : new ItemOrigin(dataPath, Text(of, "PSComputerName"), Text(of, "Name") ?? Text(of, "EngineName")
                ?? $"{of}");
    }

    /// <summary>A text of its own that knows the origin for as long as it is used.</summary>
    public static string Tag(string text, ItemOrigin origin)
    {
        string tagged = new(text.AsSpan());
        OfArguments.Add(tagged, origin);
        return tagged;
    }

    public static ScanEngineException Other(ItemOrigin origin, string other, bool typed) => new(
        FaultCode.DataFolderOther,
        typed
            ? $"'{origin.Subject}' comes from the data folder '{origin.DataPath}', and -DataPath names '{other}'. "
                + "Nothing was done."
            : $"'{origin.Subject}' comes from the data folder '{origin.DataPath}', and another argument from "
                + $"'{other}'. Nothing was done.",
        typed
            ? "Leave -DataPath out: an object is acted on where it came from. For what has the same name in "
                + $"'{other}', give the name: -DataPath '{other}' with the name as text."
            : "Pipe the objects instead: each is acted on where it came from.",
        origin.Subject);

    public static ScanEngineException Elsewhere(ItemOrigin origin) => new(
        FaultCode.DataFolderOther,
        $"'{origin.Subject}' comes from the computer {origin.Computer}: its data folder '{origin.DataPath}' is there "
            + "and not here. Nothing was done.",
        $"Run the command there: Invoke-Command -ComputerName {origin.Computer} {{ ... }}.",
        origin.Subject);

    /// <summary>A property as text; null where it is empty or not there.</summary>
    public static string? Text(PSObject of, string property) =>
        of.Properties[property]?.Value?.ToString() is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    // Start-Job says localhost.
    private static bool IsThisComputer(string name)
    {
        string own = Environment.MachineName;
        return name is "." || name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out IPAddress? address) && IPAddress.IsLoopback(address))
            || name.Equals(own, StringComparison.OrdinalIgnoreCase)
            || name.StartsWith(own + ".", StringComparison.OrdinalIgnoreCase);
    }
}
