using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Services;

/// <summary>
/// What makes and removes a service of Windows: runs of sc.exe and reg.exe, each argument by itself. The service runs as
/// the system's account, with which cmdlets of an administrator share a data folder, but without its privileges.
/// </summary>
internal static class WindowsServiceCommands
{
    private const string EventSource =
        @"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\ScanEngineAdmin";

    public static IReadOnlyList<ToolCall> Install(ServiceDefinition service, bool exists)
    {
        string[] settings =
        [
            service.Name, "binPath=", CommandLine(service), "start=", "delayed-auto", "obj=", "LocalSystem",
            "DisplayName=", service.Description,
        ];
        List<ToolCall> calls =
        [
            Sc([exists ? "config" : "create", .. settings]),
            Sc("description", service.Name, $"{service.Description}; made by Install-EngineService."),
            Sc("failure", service.Name, "reset=", "86400", "actions=", "restart/5000/restart/5000/restart/60000"),
            Sc("failureflag", service.Name, "1"),
            new("reg", [
                "add", EventSource, "/v", "EventMessageFile", "/t", "REG_EXPAND_SZ", "/d",
                @"%SystemRoot%\Microsoft.NET\Framework64\v4.0.30319\EventLogMessages.dll", "/f",
            ]),
        ];
        if (!service.IsApplier)
        {
            calls.Add(Sc("privs", service.Name, "SeChangeNotifyPrivilege"));
        }

        return calls;
    }

    public static ToolCall Start(string name) => Sc("start", name);

    public static ToolCall Stop(string name) => Sc("stop", name);

    public static ToolCall Delete(string name) => Sc("delete", name);

    public static ToolCall Query(string name) => Sc("queryex", name);

    public static ToolCall Configuration(string name) => Sc("qc", name, "4096");

    public static string CommandLine(ServiceDefinition service) =>
        string.Join(' ', service.Arguments.Prepend(service.Program).Select(Quote));

    public static IReadOnlyList<string> ReadLine(string line) =>
        [.. line.Split('"').SelectMany(static (part, i) => i % 2 == 1 ? [part]
            : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    // Neither a path of Windows nor another value of a definition can hold a quote.
    private static string Quote(string part) => part.Contains(' ', StringComparison.Ordinal) ? $"\"{part}\"" : part;

    private static ToolCall Sc(params string[] arguments) => new("sc", arguments);
}
