using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.Admin;

public sealed class EngineAdminTests : IDisposable
{
    private readonly AdminHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_console_named_twice_is_one()
    {
        ConsoleRecord first = Register("lab");
        ConsoleRecord again = Register("lab 2");

        Assert.Equal(first.PairingId, again.PairingId);
        Assert.Equal("lab 2", Assert.Single(_host.Engine.Store.ListConsoles()).EngineName);
        Assert.Equal((ConsoleState.Pending, CommunicationDirection.EngineToConsole), (again.State, again.Direction));
    }

    [Fact]
    public void A_console_is_approved_by_the_fingerprint_it_showed_and_by_no_other()
    {
        ConsoleRecord console = Register("lab");
        _host.Engine.Store.UpdateConsole(console.PairingId, c => c with { Pins = [AdminHost.Key("console")] });

        Assert.Equal(
            FaultCode.FingerprintMismatch,
            Fault(() => _host.Engine.ApproveConsole(console.PairingId, AdminHost.Key("other"))).Code);
        Assert.Equal(
            ConsoleState.Approved,
            _host.Engine.ApproveConsole(console.PairingId, AdminHost.Key("console")).State);
        Assert.Equal(ConsoleState.Denied, _host.Engine.DenyConsole(console.PairingId).State);
        Assert.Equal(FaultCode.ConsoleNotFound, Fault(() => _host.Engine.DenyConsole(Guid.NewGuid())).Code);
    }

    [Fact]
    public void A_direction_is_only_proposed_and_the_present_one_is_no_proposal()
    {
        ConsoleRecord console = Register("lab");

        ConsoleRecord set = _host.Engine.SetConsole(
            console.PairingId, "other.example", 1234, CommunicationDirection.ConsoleToEngine);
        Assert.Equal(("other.example", 1234), (set.Address, set.Port));
        Assert.Equal(CommunicationDirection.EngineToConsole, set.Direction);
        Assert.Equal(CommunicationDirection.ConsoleToEngine, set.ProposedDirection);

        set = _host.Engine.SetConsole(console.PairingId, null, null, CommunicationDirection.EngineToConsole);
        Assert.Null(set.ProposedDirection);
        Assert.Equal("other.example", set.Address);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(100000)]
    public void An_interval_out_of_range_is_refused(double seconds)
    {
        Assert.Equal(FaultCode.OptionInvalid, Fault(() => _host.Engine.RegisterConsole(
            "console.example", 40815, "lab", TimeSpan.FromSeconds(seconds))).Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(31 * 24 * 60)]
    public void A_secret_is_valid_for_a_while_and_not_for_ever(double minutes)
    {
        Assert.Equal(FaultCode.OptionInvalid, Fault(
            () => _host.Engine.CreateSecret(TimeSpan.FromMinutes(minutes), null, false)).Code);
        Assert.Equal(FaultCode.SecretNotFound, Fault(() => _host.Engine.RevokeSecret(Guid.NewGuid())).Code);
    }

    [Fact]
    public void The_policy_is_kept_and_one_that_cannot_be_held_is_refused()
    {
        Assert.Empty(_host.Engine.GetPolicy().Deny);
        _host.Engine.SetPolicy(new TargetPolicy { Deny = ["10.0.0.0/8"], MaxRate = 5 });

        Assert.Equal(FaultCode.TargetInvalid, Fault(
            () => _host.Engine.SetPolicy(new TargetPolicy { Allow = ["a.example"] })).Code);
        Assert.Equal(
            FaultCode.OptionInvalid, Fault(() => _host.Engine.SetPolicy(new TargetPolicy { MaxRate = -1 })).Code);

        Assert.Equal("10.0.0.0/8", Assert.Single(_host.Engine.GetPolicy().Deny));
        Assert.Equal(5, _host.Engine.GetPolicy().MaxRate);
    }

    private ConsoleRecord Register(string engineName) =>
        _host.Engine.RegisterConsole("console.example", 40815, engineName, TimeSpan.FromSeconds(30));

    private static ScanEngineException Fault(Action action) => Assert.Throws<ScanEngineException>(action);
}
