using System.Globalization;
using System.Net;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Services;

/// <summary>
/// What an installed service has other than is asked for. Both sides are read alike, so that two forms of the same (a
/// block as an address alone, a list in another order) are no difference.
/// </summary>
internal static class ServiceComparison
{
    private const string Listen = "--listen";
    private const string Default = "the default";

    /// <param name="wanted">The service as it would be installed.</param>
    /// <param name="asked">The names of the properties that are compared.</param>
    /// <param name="installed">As it is.</param>
    /// <returns>The property, the value that is asked for, and the one that is there.</returns>
    public static IEnumerable<(string Property, string Wanted, string Actual)> Of(
        ServiceDefinition wanted, IReadOnlySet<string> asked, ServiceStatus installed)
    {
        IReadOnlyList<string> words = installed.Words;
        foreach ((string property, string option, string? text) in Options(wanted, asked))
        {
            string? value = Part(property, option, text);
            string actual = option.Length == 0 ? words.ElementAtOrDefault(0) ?? string.Empty
                : Part(property, option, ValueOf(words, option)) ?? Default;
            if (value is not null && !Same(option, value, actual))
            {
                yield return (property, value, actual);
            }
        }
    }

    /// <summary>The value behind an option of a service's command line; null where it is not there.</summary>
    public static string? ValueOf(IReadOnlyList<string> words, string option)
    {
        int at = words.ToList().IndexOf(option);
        return at > 0 ? words.ElementAtOrDefault(at + 1) : null;
    }

    private static IEnumerable<(string Property, string Option, string? Value)> Options(
        ServiceDefinition wanted, IReadOnlySet<string> asked)
    {
        var values = wanted.Options.ToDictionary(static one => one.Option, static one => one.Value);
        (string Property, string Option)[] all =
        [
            ("Program", string.Empty), ("DataPath", "--data"), ("AdvertisedAddress", "--advertise"),
            ("AllowFrom", "--allow-from"), ("Provider", "--provider"),
            ("Address", Listen), ("Port", Listen), ("Port", "--ports"),
        ];
        return all.Where(one => asked.Contains(one.Property)).Select(one =>
            (one.Property, one.Option, one.Option.Length == 0 ? wanted.Program : values[one.Option]));
    }

    // Of an end point what the property names; any other value whole.
    private static string? Part(string property, string option, string? value) =>
        option != Listen || !IPEndPoint.TryParse(value ?? string.Empty, out IPEndPoint? at) ? value
            : property == "Port" ? at.Port.ToString(CultureInfo.InvariantCulture) : at.Address.ToString();

    private static bool Same(string option, string wanted, string actual) => option switch
    {
        "--allow-from" => AllowedSources.Read(wanted.Replace(",", ", ", StringComparison.Ordinal)) is { Count: > 0 } blocks
            && blocks.SequenceEqual(AllowedSources.Read(actual.Replace(",", ", ", StringComparison.Ordinal))),
        "--ports" => wanted.Split(',').ToHashSet().SetEquals(actual.Split(',')),
        "--advertise" => string.Equals(wanted.TrimEnd('.'), actual.TrimEnd('.'), StringComparison.OrdinalIgnoreCase),
        "--provider" => string.Equals(wanted, actual, StringComparison.OrdinalIgnoreCase),
        _ => string.Equals(
            wanted, actual, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal),
    };
}
