using System.Globalization;
using System.Net;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Directions;

/// <summary>Where the two nodes are dialled: what was asked for, else what the console's store knows.</summary>
internal sealed record DirectionAddresses(string? Engine, int EnginePort, string? Console, int ConsolePort)
{
    public static DirectionAddresses Of(IConsoleStore store, EngineRecord engine, DirectionChangeRequest request)
    {
        IPEndPoint? listener = store.GetNode()?.ListensAt;
        int? last = int.TryParse(
            store.GetSetting(ConsoleSettings.ListenPort), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            ? port
            : null;

        // An address that the console was bound to by name is one that it can be dialled at; "any" is none.
        string? boundTo = listener is null
            || listener.Address.Equals(IPAddress.IPv6Any) || listener.Address.Equals(IPAddress.Any)
            ? null
            : listener.Address.ToString();
        ChangeRecord? reported = store.ListChanges(engine.PairingId)
            .FirstOrDefault(change => change is { State: ChangeState.Committed, ConsoleAddress: not null });
        return new DirectionAddresses(
            Engine: request.Address ?? engine.Address ?? engine.ObservedAddress,
            EnginePort: request.Port ?? engine.Port,
            Console: request.ConsoleAddress ?? store.GetSetting(ConsoleSettings.AdvertisedAddress)
                ?? reported?.ConsoleAddress ?? boundTo,
            ConsolePort: request.ConsolePort ?? listener?.Port ?? last ?? reported?.ConsolePort
                ?? WellKnownPorts.Console);
    }

    /// <exception cref="ScanEngineException">AddressInvalid, PortInvalid.</exception>
    public static void Validate(DirectionChangeRequest request)
    {
        foreach (string address in new[] { request.Address, request.ConsoleAddress }.OfType<string>())
        {
            DialAddress.Validate(address);
        }

        foreach (int? port in new[] { request.Port, request.ConsolePort })
        {
            if (port is { } number)
            {
                DialAddress.ValidatePort(number);
            }
        }
    }

    /// <exception cref="ScanEngineException">AddressRequired, ConsoleAddressRequired.</exception>
    public void Require(EngineRecord engine, CommunicationDirection direction)
    {
        if (direction == CommunicationDirection.ConsoleToEngine && Engine is null)
        {
            throw new ScanEngineException(
                FaultCode.AddressRequired,
                $"Nobody has said where the console reaches engine '{engine.Name}', and it was not seen yet.",
                $"Set-ScanEngineCommunication -Name '{engine.Name}' -Direction Standard -Address <engine host>",
                engine.Name);
        }

        if (direction == CommunicationDirection.EngineToConsole && Console is null)
        {
            throw new ScanEngineException(
                FaultCode.ConsoleAddressRequired,
                $"Nobody has said where engine '{engine.Name}' reaches this console.",
                $"Set-ScanEngineCommunication -Name '{engine.Name}' -Direction Reverse -ConsoleAddress <console host>, "
                    + "or once for all engines: Start-SecurityConsole -AdvertisedAddress <console host>",
                engine.Name);
        }
    }
}
