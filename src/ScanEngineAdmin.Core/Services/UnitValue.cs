using System.Globalization;
using System.Text;

namespace ScanEngineAdmin.Core.Services;

/// <summary>
/// Values in the text of a unit. In every setting systemd replaces specifiers (%h), in a command's arguments variables
/// ($HOME) too, and it splits at blanks and reads quotes and backslashes: each value is written so that it arrives as it is.
/// </summary>
internal static class UnitValue
{
    /// <summary>A value that stands alone in its setting.</summary>
    public static string Value(string value) => value.Replace("%", "%%", StringComparison.Ordinal);

    /// <summary>One of the values of a setting that takes several, such as a path.</summary>
    public static string Word(string value) => Quoted(Value(value));

    /// <summary>A program and its arguments.</summary>
    public static string Line(string program, IEnumerable<string> arguments) => string.Join(' ', arguments.Select(
        static argument => Word(argument.Replace("$", "$$", StringComparison.Ordinal))).Prepend(Word(program)));

    /// <summary>The program and the arguments that a line is read as; a specifier or a variable stays as it stands there.
    /// </summary>
    public static IReadOnlyList<string> ReadLine(string line)
    {
        List<string> words = [];
        var word = new StringBuilder();
        char quote = default;
        bool any = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            char next = i + 1 < line.Length ? line[i + 1] : default;
            if (c == '\\' && next != default)
            {
                word.Append(Escaped(line, ref i));
            }
            else if (c is '"' or '\'' && (quote == default || quote == c))
            {
                quote = quote == default ? c : default;
                any = true;
            }
            else if (c == ' ' && quote == default)
            {
                Add();
            }
            else
            {
                word.Append(c);
                i += c == next && (c == '%' || (c == '$' && words.Count > 0)) ? 1 : 0;
            }
        }

        Add();
        return words;

        void Add()
        {
            if (any || word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
                any = false;
            }
        }
    }

    private static string Quoted(string value) => value.Length > 0 && value.All(IsPlain) ? value
        : $"\"{string.Concat(value.Select(static c => c switch
        {
            '"' or '\\' => $"\\{c}",
            _ when char.IsControl(c) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            _ => $"{c}",
        }))}\"";

    private static bool IsPlain(char c) =>
        char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or ':' or ',' or '[' or ']' or '%' or '$';

    // The two forms that are written here; of the others, which somebody else may have written, the character behind.
    private static char Escaped(string line, ref int at)
    {
        char kind = line[++at];
        if (kind == 'u' && at + 4 < line.Length && ushort.TryParse(
            line.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
        {
            at += 4;
            return (char)code;
        }

        return kind;
    }
}
