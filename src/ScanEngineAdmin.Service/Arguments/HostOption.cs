using System.CommandLine;

namespace ScanEngineAdmin.Service.Arguments;

/// <summary>Makes the options of the commands, each with its name, its value's name and what it is for.</summary>
internal static class HostOption
{
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    public static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    /// <param name="name">With its dashes.</param>
    /// <param name="value">What the value is called in the help.</param>
    /// <param name="description">What it is for, with its default.</param>
    /// <param name="read">Returns the value, or says why the text is none.</param>
    public static Option<T?> Of<T>(string name, string value, string description, OptionReader<T> read) => new(name)
    {
        HelpName = value,
        Description = description,
        CustomParser = result =>
        {
            if (read(result.Tokens[0].Value, out T? parsed) is { } complaint)
            {
                result.AddError(complaint);
            }

            return parsed;
        },
    };

    public static Option<T?> Name<T>(string name, string value, string description)
        where T : struct, Enum
    {
        Option<T?> option = Of<T?>(name, value, description, OptionValues.Name<T>);
        option.CompletionSources.Add(Enum.GetNames<T>());
        return option;
    }
}
