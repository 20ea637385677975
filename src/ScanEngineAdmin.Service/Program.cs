using ScanEngineAdmin.Core;
using ScanEngineAdmin.Service;
using ScanEngineAdmin.Service.Demo;

try
{
    return args switch
    {
        ["console", .. string[] rest] => await ConsoleHost.RunAsync(HostArguments.Parse("console", rest)).ConfigureAwait(false),
        ["engine", .. string[] rest] => await EngineHost.RunAsync(HostArguments.Parse("engine", rest)).ConfigureAwait(false),
        ["demo", .. string[] rest] => await DemoStory.RunAsync(rest).ConfigureAwait(false),
        _ => throw new UsageException(string.Empty),
    };
}
catch (UsageException exception)
{
    await Console.Error.WriteLineAsync(exception.Message.Length == 0 ? HostArguments.Usage : $"{exception.Message}\n\n{HostArguments.Usage}")
        .ConfigureAwait(false);
    return ExitCode.BadArguments;
}
catch (ScanEngineException exception)
{
    await Console.Error.WriteLineAsync($"{exception.Code}: {exception.Message}\n{exception.Recommendation}").ConfigureAwait(false);
    return ExitCode.CannotStart;
}
