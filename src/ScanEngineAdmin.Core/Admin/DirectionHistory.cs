using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>What was in force before the last committed change, as a request.</summary>
internal static class DirectionHistory
{
    /// <exception cref="ScanEngineException">ChangeNotFound, ConsoleAddressRequired.</exception>
    public static DirectionChangeRequest Before(IConsoleStore store, EngineRecord engine, TimeSpan timeout)
    {
        ChangeRecord[] committed =
            [.. store.ListChanges(engine.PairingId).Where(change => change.State == ChangeState.Committed)];
        if (committed is not [var last, .. var earlier])
        {
            throw new ScanEngineException(
                FaultCode.ChangeNotFound,
                $"The direction of engine '{engine.Name}' was never changed: there is nothing before it to go back to.",
                $"Get-ScanEngineCommunication -Name '{engine.Name}' shows what is in force.",
                engine.Name);
        }

        if (last.From == CommunicationDirection.ConsoleToEngine)
        {
            // A change to reverse leaves where the engine was dialled in its row.
            return new DirectionChangeRequest
            {
                Direction = last.From,
                Address = engine.Address,
                Port = engine.Address is null ? null : engine.Port,
                Timeout = timeout,
                AsBefore = true,
            };
        }

        ChangeRecord? reported = earlier.FirstOrDefault(change => change.ConsoleAddress is not null);
        if (reported is null && last.To == CommunicationDirection.EngineToConsole)
        {
            throw new ScanEngineException(
                FaultCode.ConsoleAddressRequired,
                $"Where engine '{engine.Name}' reached this console before it was moved, only the engine knows.",
                $"Set-ScanEngineCommunication -Name '{engine.Name}' -Direction Reverse -ConsoleAddress <console host>",
                engine.Name);
        }

        return new DirectionChangeRequest
        {
            Direction = last.From,
            ConsoleAddress = reported?.ConsoleAddress,
            ConsolePort = reported?.ConsolePort,
            Timeout = timeout,
            AsBefore = true,
        };
    }
}
