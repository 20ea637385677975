using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>
/// A revocation whose ring was lost (here nobody rings at all: only the store is written) takes effect when the node
/// looks by itself.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class LostRingTests
{
    [Fact]
    public void A_node_looks_every_two_seconds() => Assert.Equal(
        (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2)),
        (new ConsoleNodeOptions().StoreCheck, new EngineNodeOptions().StoreCheck));

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_console_finds_by_itself_that_a_key_is_not_let_in_any_more(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using NodeIdentity other = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);

        pair.Console.Store.UpdateEngine(pair.PairingId, engine => engine with { Pins = [other.Fingerprint] });

        await pair.LoggedAsync(entry => entry.Event == "ChannelClosed"
            && entry.Message.Contains("The key of this channel is not", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_finds_by_itself_that_a_console_was_denied(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);

        pair.Engine.Store.UpdateConsole(
            pair.PairingId, console => console with { State = ConsoleState.Denied });

        await pair.LoggedAsync(entry => entry.Event == "ChannelClosed"
            && entry.Message.Contains("denied this console", StringComparison.Ordinal));
    }
}
