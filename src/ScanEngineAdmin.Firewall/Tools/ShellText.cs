namespace ScanEngineAdmin.Firewall.Tools;

/// <summary>Arguments as a POSIX shell reads them: what people paste is made of the very arrays that are run.</summary>
internal static class ShellText
{
    public static string Line(ToolCall call) => string.Join(' ', call.Arguments.Select(Word).Prepend(call.Tool));

    public static string Word(string argument)
    {
        if (argument.Length > 0 && argument.All(IsPlain))
        {
            return argument;
        }

        // --name='value' reads better than '--name=value' and means the same.
        int value = argument.IndexOf('=', StringComparison.Ordinal) + 1;
        return value > 0 && argument.StartsWith("--", StringComparison.Ordinal) && argument[..value].All(IsPlain)
            ? argument[..value] + Quoted(argument[value..])
            : Quoted(argument);
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static bool IsPlain(char c) =>
        char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or '=' or ',' or '@' or '%' or '+';
}
