using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Services;

/// <summary>The text of a service's unit: the one place from which cmdlets, packages and the manual have it.</summary>
internal static class SystemdUnit
{
    /// <summary>The product's own user, and the state folder that systemd makes for it below /var/lib.</summary>
    public const string User = "scanengineadmin";

    public const string DataPath = "/var/lib/" + User;

    /// <summary>For how long systemd waits until a service says that it is ready.</summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);

    /// <summary>For how long it waits until one has stopped, before it kills it.</summary>
    public static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(90);

    /// <summary>How the text of every unit of this product begins; a unit that does not is somebody else's.</summary>
    public const string Mark = "# A unit of ScanEngineAdmin.";

    // What nodes and appliers can do without alike. No MemoryDenyWriteExecute: the runtime compiles as it goes.
    private const string Common = """
        NoNewPrivileges=yes
        ProtectSystem=strict
        ProtectHome=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        PrivateTmp=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        LockPersonality=yes
        SystemCallArchitectures=native
        """;

    private const string Node = """
        CapabilityBoundingSet=
        PrivateDevices=yes
        DevicePolicy=closed
        ProtectClock=yes
        ProtectControlGroups=yes
        ProtectKernelTunables=yes
        RemoveIPC=yes
        KeyringMode=private
        RestrictNamespaces=yes
        RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
        SystemCallFilter=@system-service
        SystemCallFilter=~@privileged
        SystemCallErrorNumber=EPERM
        UMask=0077
        LimitNOFILE=65536
        """;

    // The small process that undoes an open nobody closed outlives the unit. Rules are tried in a network namespace
    // first, which needs CAP_SYS_ADMIN and /dev/net/tun: no PrivateDevices, and no ProtectClock, which closes devices
    // too. No UMask: everybody may ring its doorbell.
    private const string Applier = """
        KillMode=process
        RuntimeDirectory=scanengineadmin-applier
        RuntimeDirectoryPreserve=yes
        StateDirectory=scanengineadmin-firewall
        StateDirectoryMode=0700
        CapabilityBoundingSet=CAP_NET_ADMIN CAP_SYS_ADMIN CAP_NET_RAW CAP_DAC_OVERRIDE CAP_CHOWN CAP_FOWNER CAP_SETUID CAP_SETGID
        RestrictAddressFamilies=AF_NETLINK AF_UNIX AF_INET AF_INET6 AF_PACKET
        # The lock of iptables, which nobody has made before iptables is used for the first time: hence the dash.
        ExecStartPre=+/bin/sh -c ': >>/run/xtables.lock'
        ReadWritePaths=-/run/xtables.lock
        """;

    // ufw is tried over a copy of its files, so with mounts of its own.
    private const string WithUfw = """
        RestrictNamespaces=net mnt
        ReadWritePaths=/etc/ufw /run
        """;

    private const string WithoutUfw = """
        RestrictNamespaces=net
        SystemCallFilter=~@mount
        """;

    public static string Write(ServiceDefinition service)
    {
        string name = service.Name;
        string[] restart = service.IsApplier ? ["Restart=always"] : ["Restart=on-failure"];
        return string.Join('\n', [
            $"{Mark} Install-EngineService writes it anew; what is yours belongs into: systemctl edit {name}",
            "[Unit]",
            $"Description={service.Description}",
            "After=network-online.target",
            "Wants=network-online.target",
            string.Empty,
            "[Service]",
            "Type=notify",
            "NotifyAccess=main",
            $"ExecStart={UnitValue.Line(service.Program, service.Arguments)}",
            .. restart,
            "RestartSec=5",

            // Arguments that are wrong stay wrong.
            "RestartPreventExitStatus=2",
            "WatchdogSec=60",
            $"TimeoutStartSec={StartLimit.TotalSeconds:0}",
            $"TimeoutStopSec={StopLimit.TotalSeconds:0}",
            .. service.IsApplier ? OfApplier(service) : OfNode(service),
            Common,
            string.Empty,
            "[Install]",
            "WantedBy=multi-user.target",
            string.Empty,
        ]);
    }

    private static string[] OfNode(ServiceDefinition service) =>
    [
        $"User={UnitValue.Value(service.User ?? User)}",
        .. service.DataPath == DataPath
            ? new[] { $"StateDirectory={User}", "StateDirectoryMode=0700" }
            : [$"ReadWritePaths={UnitValue.Word(service.DataPath)}"],
        Node,
    ];

    private static string[] OfApplier(ServiceDefinition service) =>
    [
        $"ReadWritePaths={UnitValue.Word(service.DataPath)}",
        Applier,
        service.Provider == FirewallProvider.Ufw ? WithUfw : WithoutUfw,
    ];
}
