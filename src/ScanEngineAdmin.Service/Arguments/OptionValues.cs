using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Service.Arguments;

/// <summary>The values of the options: each is taken as documented or refused with a sentence.</summary>
internal static class OptionValues
{
    // Letters alone: the framework takes numbers and lists of names as well.
    public static string? Name<T>(string text, out T? value)
        where T : struct, Enum
    {
        bool known = Enum.TryParse(text, ignoreCase: true, out T parsed) && text.All(char.IsAsciiLetter);
        value = known ? parsed : null;
        return known ? null : $"{text} is none of {string.Join(", ", Enum.GetNames<T>())}.";
    }

    public static string? Days(string text, out TimeSpan? value)
    {
        value = Number(text, 1, 36_500) is { } days ? TimeSpan.FromDays(days) : null;
        return value is null ? $"{text} is no number of days from 1 to 36500." : null;
    }

    public static string? Ports(string text, out IReadOnlyList<int>? value)
    {
        int?[] ports = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(static one => Number(one, 1, 65_535))];
        value = ports.Contains(null) ? null : [.. ports.Select(static port => port!.Value)];
        return value is null ? $"{text} is no list of ports, such as 443,41000." : null;
    }

    public static string? Blocks(string text, out IReadOnlyList<IPNetwork>? value)
    {
        value = null;
        try
        {
            value = AllowedSources.Read(AllowedSources.Normalize([text]));
            return value is { Count: > 0 } ? null : "--allow-from needs addresses, blocks, or any.";
        }
        catch (ScanEngineException e)
        {
            return $"{e.Message} {e.Recommendation}";
        }
    }

    // The framework takes an address alone for port 0, which here would mean: any port, without a word.
    public static string? EndPoint(string text, out IPEndPoint? value) =>
        IPEndPoint.TryParse(text, out value)
        && text.Contains(value.AddressFamily == AddressFamily.InterNetwork ? ":" : "]:", StringComparison.Ordinal)
            ? null
            : $"{text} is not ADDRESS:PORT, such as 0.0.0.0:40815 or [::]:40815.";

    // What it says is for this host alone: no password guards it.
    public static string? Loopback(string text, out IPEndPoint? value) => EndPoint(text, out value)
        ?? (IPAddress.IsLoopback(value!.Address) && value.Port != 0
            ? null : $"{text} is no port of a loopback address, such as 127.0.0.1:9464.");

    public static string? Url(string text, out Uri? value) =>
        Uri.TryCreate(text, UriKind.Absolute, out value) && value.Scheme is "http" or "https" && value.UserInfo.Length == 0
            ? null : $"{(text.Contains('@') ? "What was given" : text)} is no address such as http://collector.example.org:4317.";

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number >= least && number <= most ? number : null;
}
