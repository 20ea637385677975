using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults.Diagnose;

/// <summary>
/// The diagnosis table. First what never arrives, then what arrives elsewhere, last what does arrive: a connection of a
/// case before is rightly taken for a sign that connections arrive.
/// </summary>
internal static class DiagnoseCases
{
    // Only new connections: the channel over which the other end is asked stays open.
    private const string Syn = "tcp flags & (syn | ack) == syn";

    public static IReadOnlyList<DiagnoseCase> All(string absent, Impostors impostors) =>
    [
        .. Misaddressed(absent), .. Blocked(), .. Replaced(impostors), .. OneEnded(), .. Refused(), .. Sound(),
    ];

    private static IEnumerable<DiagnoseCase> Blocked()
    {
        (string How, string Verdict)[] ways =
        [
            ("drop", "drop"), ("reject-rst", "reject with tcp reset"),
            ("reject-icmp", "reject with icmpx type admin-prohibited"),
        ];
        foreach ((string how, string verdict) in ways)
        {
            foreach (bool fromListener in new[] { false, true })
            {
                yield return new DiagnoseCase
                {
                    Name = $"{how} dialler-egress",
                    Expected = FirewallVerdict.DialerOutbound,
                    Break = lab => lab.Dialler.Filter(Chain("output", $"tcp dport {lab.Port} {Syn} {verdict}")),
                    FromListener = fromListener,
                };
                yield return new DiagnoseCase
                {
                    Name = $"{how} path",
                    Expected = FirewallVerdict.Path,
                    Break = lab => Router.Filter(Chain("forward", $"tcp dport {lab.Port} {Syn} {verdict}")),
                    FromListener = fromListener,
                };
                yield return new DiagnoseCase
                {
                    Name = $"{how} listener-ingress",
                    Expected = FirewallVerdict.ListenerInbound,
                    Break = lab => lab.Listener.Filter(Chain("input", $"tcp dport {lab.Port} {Syn} {verdict}")),
                    FromListener = fromListener,
                };
            }
        }

        // As a host with a real filter has it: the port's rule lets another peer in, and the policy drops.
        yield return new DiagnoseCase
        {
            Name = "policy listener-ingress, rule for another peer",
            Expected = FirewallVerdict.ListenerInbound,
            Break = lab => lab.Listener.Filter(Hosts(lab, "192.0.2.1")),
        };
        yield return new DiagnoseCase
        {
            Name = "drop path, listener's policy drops but its rule fits",
            Expected = FirewallVerdict.Path,
            Break = lab =>
            {
                lab.Listener.Filter(Hosts(lab, lab.Dialler.Address.ToString()));
                Router.Filter(Chain("forward", $"tcp dport {lab.Port} {Syn} drop"));
            },
        };
        yield return new DiagnoseCase
        {
            Name = "drop path, listener's filter jumps and asks for marks",
            Expected = FirewallVerdict.Path,
            Break = lab =>
            {
                lab.Listener.Filter(
                    "add table inet lab", "add chain inet lab svc", "add rule inet lab svc meta mark 7 drop",
                    Chain("input", "jump svc"));
                Router.Filter(Chain("forward", $"tcp dport {lab.Port} {Syn} drop"));
            },
        };
        yield return new DiagnoseCase
        {
            Name = "drop path, listener's filter drops by chance",
            Expected = FirewallVerdict.Unknown,
            Break = lab =>
            {
                lab.Listener.Filter(Chain("input", $"tcp dport {lab.Port} numgen random mod 2 0 drop"));
                Router.Filter(Chain("forward", $"tcp dport {lab.Port} {Syn} drop"));
            },
        };
    }

    private static IEnumerable<DiagnoseCase> Misaddressed(string absent)
    {
        foreach (bool fromListener in new[] { false, true })
        {
            yield return new DiagnoseCase
            {
                Name = "host absent",
                Expected = FirewallVerdict.HostAbsent,
                Break = lab => SetAddress(lab, absent, null),
                Undo = static lab =>
                {
                    Reset(lab);
                    Router.Forget();
                },
                FromListener = fromListener,
                Timeout = TimeSpan.FromSeconds(8),
                Evidence = "no host answers",
            };
            yield return new DiagnoseCase
            {
                Name = "no listener on that port",
                Expected = FirewallVerdict.NotListening,
                Break = lab => SetAddress(lab, lab.Listener.Address.ToString(), 40999),
                Undo = Reset,
                FromListener = fromListener,
                Evidence = "Nothing listens on TCP 40999",
            };
        }

        yield return new DiagnoseCase
        {
            Name = "name not resolved",
            Expected = FirewallVerdict.NameNotResolved,
            Break = lab => SetAddress(lab, "no-such-host.invalid", null),
            Undo = Reset,
        };
    }

    private static IEnumerable<DiagnoseCase> Replaced(Impostors impostors)
    {
        (string Name, int Port, FirewallVerdict Expected, string Evidence)[] services =
        [
            ("wrong service http", impostors.Http, FirewallVerdict.WrongService, "HTTP"),
            ("wrong service ssh", impostors.Ssh, FirewallVerdict.WrongService, "SSH"),
            ("wrong service silent", impostors.Silent, FirewallVerdict.WrongService, string.Empty),
            ("tls interception", impostors.Tls, FirewallVerdict.TlsInterception, Impostors.Issuer),
            ("wrong peer", impostors.OtherNode, FirewallVerdict.WrongPeer, string.Empty),
        ];
        foreach ((string name, int port, FirewallVerdict expected, string evidence) in services)
        {
            foreach (bool fromListener in new[] { false, true })
            {
                yield return new DiagnoseCase
                {
                    Name = name,
                    Expected = expected,
                    Break = lab => Router.Filter(
                        "add table ip lead",
                        "add chain ip lead pre { type nat hook prerouting priority -100; }",
                        $"add rule ip lead pre ip daddr {lab.Listener.Address} tcp dport {lab.Port} "
                        + $"redirect to :{port}"),
                    FromListener = fromListener,
                    Evidence = evidence,

                    // What speaks is waited for, however busy this machine is; only silence has to run out.
                    Timeout = TimeSpan.FromMilliseconds(port == impostors.Silent ? 1500 : 15000),
                };
            }
        }
    }

    /// <summary>The same faults with nobody to ask: no side may be named.</summary>
    private static IEnumerable<DiagnoseCase> OneEnded()
    {
        foreach ((string how, string verdict) in new[]
        {
            ("drop", "drop"), ("reject-rst", "reject with tcp reset"),
            ("reject-icmp", "reject with icmpx type admin-prohibited"),
        })
        {
            yield return new DiagnoseCase
            {
                Name = $"{how} listener-ingress, no channel",
                Expected = FirewallVerdict.Unknown,
                Break = lab => lab.Listener.Filter(Chain("input", $"tcp dport {lab.Port} {Syn} {verdict}")),
                Ask = static ask => ask with { Alone = true },
                Evidence = "could not be asked",
            };
        }

        yield return new DiagnoseCase
        {
            Name = "no listener, no channel",
            Expected = FirewallVerdict.Unknown,
            Break = lab => SetAddress(lab, lab.Listener.Address.ToString(), 40999),
            Undo = Reset,
            Ask = static ask => ask with { Alone = true },
        };
    }

    private static IEnumerable<DiagnoseCase> Refused()
    {
        yield return new DiagnoseCase
        {
            Name = "not paired",
            Expected = FirewallVerdict.NotAuthorized,
            Break = static _ => { },
            Ask = static ask => ask with { Stranger = true },
        };
        yield return new DiagnoseCase
        {
            Name = "pending",
            Expected = FirewallVerdict.NotAuthorized,
            Break = static lab => SetPending(lab, pending: true),
            Undo = static lab => SetPending(lab, pending: false),
            Evidence = "Pending",
        };
        yield return new DiagnoseCase
        {
            Name = "version mismatch",
            Expected = FirewallVerdict.VersionMismatch,
            Break = static _ => { },
            Ask = static ask => ask with { OtherVersion = true },
        };
        yield return new DiagnoseCase
        {
            Name = "wrong direction",
            Expected = FirewallVerdict.WrongDirection,
            Break = static lab => SecondConsole(lab),
            Undo = static lab => NoSecondConsole(lab),
            OtherDirection = true,
        };
    }

    private static IEnumerable<DiagnoseCase> Sound()
    {
        foreach (bool fromListener in new[] { false, true })
        {
            foreach ((string way, string address) in new[] { ("to listener", "daddr"), ("to dialler", "saddr") })
            {
                yield return new DiagnoseCase
                {
                    Name = $"path-MTU black hole {way}",
                    Expected = FirewallVerdict.PathMtu,
                    Break = lab => Router.Filter(Chain(
                        "forward", $"ip {address} {lab.Listener.Address} ip length > 1280 drop")),
                    FromListener = fromListener,
                    Timeout = TimeSpan.FromSeconds(3),
                };
            }

            yield return new DiagnoseCase
            {
                Name = "all fine",
                Expected = FirewallVerdict.Ok,
                Break = static _ => { },
                FromListener = fromListener,
            };
            yield return new DiagnoseCase
            {
                Name = "all fine, default drop and one rule",
                Expected = FirewallVerdict.Ok,
                Break = static lab => lab.Listener.Filter(Hosts(lab, lab.Dialler.Address.ToString())),
                FromListener = fromListener,
            };
        }
    }

    private static string Chain(string hook, string rule) => string.Join("; ",
        "add table inet lab",
        $"add chain inet lab {hook} {{ type filter hook {hook} priority 0; }}",
        $"add rule inet lab {hook} {rule}");

    private static string Hosts(TwoHosts lab, string peer) => string.Join("; ",
        "add table inet host",
        "add chain inet host input { type filter hook input priority 0; policy drop; }",
        "add rule inet host input ct state established,related accept",
        "add rule inet host input iif lo accept",
        $"add rule inet host input ip saddr {peer} tcp dport {lab.Port} counter accept comment \"scan engine\"");

    private static void SetAddress(TwoHosts lab, string address, int? port)
    {
        int at = port ?? lab.Port;
        if (lab.Direction == CommunicationDirection.ConsoleToEngine)
        {
            lab.Console.Store.UpdateEngine(
                lab.Registered.PairingId, engine => engine with { Address = address, Port = at });
        }
        else
        {
            lab.Engine.Store.UpdateConsole(
                lab.Paired.PairingId, console => console with { Address = address, Port = at });
        }
    }

    private static void Reset(TwoHosts lab) => SetAddress(lab, lab.Listener.Address.ToString(), null);

    private static void SetPending(TwoHosts lab, bool pending)
    {
        if (lab.Direction == CommunicationDirection.ConsoleToEngine)
        {
            lab.Engine.Store.UpdateConsole(lab.Paired.PairingId, console => console with
            {
                State = pending ? ConsoleState.Pending : ConsoleState.Paired,
            });
        }
        else
        {
            lab.Console.Store.UpdateEngine(lab.Registered.PairingId, engine => engine with
            {
                State = pending ? EngineState.Registered : EngineState.Paired,
            });
        }
    }

    // A reverse engine listens only if another of its consoles is standard.
    private static void SecondConsole(TwoHosts lab)
    {
        if (lab.Direction == CommunicationDirection.EngineToConsole)
        {
            // The case before may have left it unpaired for a moment, and then it listens: not what is waited for here.
            lab.UntilEngineListens(false);
            lab.Engine.Store.AddConsole(new ConsoleRecord
            {
                PairingId = Guid.NewGuid(),
                ConsoleId = Guid.NewGuid(),
                Name = "second",
                State = ConsoleState.Paired,
                Direction = CommunicationDirection.ConsoleToEngine,
                FirstSeen = DateTimeOffset.UtcNow,
            });
            lab.UntilEngineListens(true);
        }
    }

    private static void NoSecondConsole(TwoHosts lab)
    {
        foreach (ConsoleRecord second in lab.Engine.Store.ListConsoles().Where(static c => c.Name == "second"))
        {
            lab.Engine.Store.RemoveConsole(second.PairingId);
        }
    }
}
