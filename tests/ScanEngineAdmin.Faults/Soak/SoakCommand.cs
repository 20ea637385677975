using System.Globalization;
using System.Runtime.InteropServices;
using ScanEngineAdmin.Faults.Lab;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>
/// A real console and engines, scans all the time, and faults of every kind by a seed: in the end nothing may be lost,
/// doubled or leaked.
/// </summary>
internal sealed class SoakCommand : IFaultCommand
{
    private const int Interrupted = 130;

    public string Name => "soak";

    public string Purpose => "All faults at once [--seconds N] [--seed N] [--engines N] [--patience N] [--keep]";

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        if (SoakOptions.Parse(args) is not { } options)
        {
            await Console.Error.WriteLineAsync($"Not understood. {Name}: {Purpose}");
            return Program.Usage;
        }

        return await Inside.RunAsync([Name, .. options.Line], ["nft", "tc"], () => RunAsync(options));
    }

    private static async Task<int> RunAsync(SoakOptions options)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {options.Seed}, {options.Engines} engines, {options.Time.TotalSeconds:0} s"));
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        DirectoryInfo? root = null;
        bool keep = true;
        try
        {
            await using SoakLab lab = await SoakLab.StartAsync(options, made => root = made, stop.Token);
            bool passed = await new SoakRun(options, lab).RunAsync(stop.Token);
            keep = options.Keep || !passed;
            return passed ? Program.Passed : Program.Failed;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            keep = options.Keep;
            Console.WriteLine("SOAK interrupted: it says nothing.");
            return Interrupted;
        }
        catch (Exception exception)
        {
            Console.WriteLine($"{exception}\nSOAK broke off: FAIL");
            return Program.Failed;
        }
        finally
        {
            NetworkNamespace.DeleteLeft();
            if (root is not null && keep)
            {
                Console.WriteLine(
                    $"Logs and stores are kept in {root.FullName}; the same faults again: --seed {options.Seed}");
            }
            else
            {
                root?.Delete(recursive: true);
            }
        }

        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
}
