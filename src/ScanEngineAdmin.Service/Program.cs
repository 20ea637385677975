using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Service;
using ScanEngineAdmin.Service.Demo;

try
{
    return await (args switch
    {
        [.., "--help" or "-h" or "-?"] or ["help"] => SayAsync(HostArguments.Usage),
        ["--version" or "version"] => SayAsync(StatusHost.Version),
        ["console", .. string[] rest] => ConsoleHost.RunAsync(HostArguments.Parse("console", rest)),
        ["engine", .. string[] rest] => EngineHost.RunAsync(HostArguments.Parse("engine", rest)),
        ["firewall-applier", .. string[] rest] => ApplierHost.RunAsync(HostArguments.Parse("firewall-applier", rest)),
        ["status", .. string[] rest] => StatusHost.RunAsync(HostArguments.Parse(StatusHost.Name, rest)),
        ["demo", .. string[] rest] => DemoHost.RunAsync(rest),
        _ => throw new UsageException(string.Empty),
    }).ConfigureAwait(false);
}
catch (UsageException exception)
{
    string complaint = exception.Message.Length == 0 ? string.Empty : $"{exception.Message}\n\n";
    await Console.Error.WriteLineAsync(complaint + HostArguments.Usage).ConfigureAwait(false);
    return ExitCode.BadArguments;
}
catch (ScanEngineException exception)
{
    await Console.Error.WriteLineAsync($"{exception.Code}: {exception.Message}\n{exception.Recommendation}")
        .ConfigureAwait(false);
    return ExitCode.CannotStart;
}
#pragma warning disable CA1031 // A unit or a script gets a line and a code, not the runtime's report of a crash.
catch (Exception exception)
#pragma warning restore CA1031
{
    await Console.Error.WriteLineAsync(
        $"{FaultCode.InternalError}: {exception.GetType().Name}: {exception.Message}\n"
            + "Report it with this line and the version of the product.").ConfigureAwait(false);
    return ExitCode.CannotStart;
}

static async Task<int> SayAsync(string text)
{
    await Console.Out.WriteLineAsync(text).ConfigureAwait(false);
    return ExitCode.Stopped;
}
