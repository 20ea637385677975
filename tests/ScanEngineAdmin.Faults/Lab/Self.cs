namespace ScanEngineAdmin.Faults.Lab;

/// <summary>How this program is started again, in another namespace.</summary>
internal static class Self
{
    public static string[] Line(params string[] args)
    {
        string host = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(host) == "dotnet"
            ? [host, typeof(Self).Assembly.Location, .. args]
            : [host, .. args];
    }
}
