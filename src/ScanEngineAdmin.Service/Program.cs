using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Service;
using ScanEngineAdmin.Service.Arguments;

try
{
    return await CommandLine.InvokeAsync(args).ConfigureAwait(false);
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
