namespace ScanEngineAdmin.Hosting;

/// <summary>
/// Whether this PowerShell process is about to end by itself, and takes what it hosts along. Pure, and tested.
/// </summary>
internal static class HostLifetime
{
    // pwsh's switches that take a value, which is then no script's path.
    private static readonly string[] Valued =
    [
        "configurationname", "configurationfile", "custompipename", "executionpolicy", "ex", "ep", "inputformat", "inp",
        "if", "outputformat", "o", "of", "settingsfile", "settings", "windowstyle", "w", "workingdirectory", "wd", "wo",
    ];

    public static bool EndsByItself(IReadOnlyList<string> arguments, string hostName)
    {
        // Start-Job and remoting: the process goes with the job or the session.
        if (hostName.Equals("ServerRemoteHost", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        // Another program that hosts PowerShell (an editor, a service) has arguments of its own.
        if (!hostName.Equals("ConsoleHost", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        for (int i = 0; i < arguments.Count; i++)
        {
            if (!arguments[i].StartsWith('-'))
            {
                // A script's path: pwsh reads it as -File.
                return true;
            }

            string name = arguments[i].TrimStart('-').ToLowerInvariant();
            if (Abbreviates(name, "noexit", 3))
            {
                return false;
            }

            // All that follows one of these belongs to it.
            if (Abbreviates(name, "command", 1) || Abbreviates(name, "commandwithargs", 8) || name == "cwa"
                || Abbreviates(name, "file", 1) || Abbreviates(name, "encodedcommand", 1) || name == "ec")
            {
                return true;
            }

            i += Valued.Contains(name) ? 1 : 0;
        }

        return false;
    }

    /// <summary>The command line's arguments without the program itself.</summary>
    public static IReadOnlyList<string> ProcessArguments() => Environment.GetCommandLineArgs()[1..];

    private static bool Abbreviates(string typed, string full, int shortest) =>
        typed.Length >= shortest && full.StartsWith(typed, StringComparison.Ordinal);
}
