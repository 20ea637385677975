using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Service;

/// <summary>How the process ends, for units and scripts.</summary>
internal static class ExitCode
{
    /// <summary>Stopped as asked (a signal, Stop-*), or the demo's whole story happened.</summary>
    public const int Stopped = 0;

    /// <summary>Failed while it ran, or a part of the demo's story did not happen.</summary>
    public const int Failed = 1;

    public const int BadArguments = 2;

    /// <summary>A port, store, key or data folder that cannot be used; the error is on standard error.</summary>
    public const int CannotStart = 3;

    /// <summary>Of a node that has stopped; why it could not go on is said on standard error.</summary>
    public static async Task<int> OfAsync(Task completion)
    {
        if (completion.Exception?.InnerException is not { } failure)
        {
            return Stopped;
        }

        string text = failure is ScanEngineException fault
            ? $"{fault.Code}: {fault.Message}\n{fault.Recommendation}"
            : $"{FaultCode.InternalError}: {failure.Message}";
        await Console.Error.WriteLineAsync(text).ConfigureAwait(false);
        return Failed;
    }
}
