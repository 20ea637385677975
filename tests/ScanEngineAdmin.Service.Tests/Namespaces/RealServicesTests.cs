using System.Globalization;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests.Namespaces;

/// <summary>Real services behind a real filter, scanned by both processes, against nmap's word.</summary>
public sealed class RealServicesTests
{
    private const int SshPort = 2222;
    private const int WebPort = 8080;
    private const int SilentPort = 8443;
    private const int ForbiddenPort = 9000;
    private const int RejectedPort = 9001;
    private static readonly int[] Ports = [21, SshPort, 3306, WebPort, 8081, SilentPort, ForbiddenPort, RejectedPort];

    [Fact, NeedsNamespace("nmap", "nginx", "sshd", "ssh-keygen", "mount")]
    public async Task It_finds_what_nmap_finds_and_hears_what_sshd_says_first()
    {
        using var folder = new TemporaryFolder();
        await using Lab lab = await Lab.StartAsync(CommunicationDirection.EngineToConsole);
        await using HostProcess ssh = await StartSshAsync(lab, folder);
        await using HostProcess web = await StartWebAsync(lab, folder);
        lab.TargetSpace.Shell($$"""
            nft -f - <<'X'
            table inet lab {
              chain input {
                type filter hook input priority 0;
                tcp dport {{SilentPort}} drop
                tcp dport {{ForbiddenPort}} reject with icmpx type admin-prohibited
                tcp dport {{RejectedPort}} reject with tcp reset
              }
            }
            X
            """);

        IReadOnlyList<Finding> findings = await lab.ScanAsync(string.Join(',', Ports));

        // By itself: a silent port costs as much time as one that is slow to speak may take.
        Finding greeting = Assert.Single(
            await lab.ScanAsync(SshPort.ToString(CultureInfo.InvariantCulture), ScanLimits.MaxBannerTimeout));
        SortedDictionary<int, string> theirs = Nmap.Scan(lab.EngineSpace, lab.Target, Ports);

        var ours = new SortedDictionary<int, string>(
            findings.ToDictionary(finding => finding.Port, finding => finding.State.ToString().ToLowerInvariant()));
        Assert.Equal(theirs, ours);
        Assert.Equal([SshPort, WebPort], Of("open"));
        Assert.Equal([SilentPort, ForbiddenPort], Of("filtered"));
        Assert.Equal([21, 3306, 8081, RejectedPort], Of("closed"));
        Assert.StartsWith("SSH-2.0-", greeting.Banner, StringComparison.Ordinal);
        Assert.Null(findings.Single(finding => finding.Port == WebPort).Banner);

        int[] Of(string state) => [.. ours.Where(port => port.Value == state).Select(port => port.Key)];
    }

    private static async Task<HostProcess> StartSshAsync(Lab lab, TemporaryFolder folder)
    {
        string key = folder.Below("host_key");
        lab.TargetSpace.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
        await File.WriteAllTextAsync(
            folder.Below("sshd.conf"),
            $"Port {SshPort}\nListenAddress {lab.Target}\nHostKey {key}\nPidFile none\nUsePAM no\n");

        // It wants a folder below /run; what is mounted inside a namespace is seen there only.
        HostProcess ssh = HostProcess.StartProgramIn(
            lab.TargetSpace.Name,
            "sh",
            "-c",
            "mount -t tmpfs tmpfs /run && mkdir -p /run/sshd && exec \"$(command -v sshd)\" -D -e -f \"$0\"",
            folder.Below("sshd.conf"));
        await ssh.LineAsync(line => line.StartsWith("Server listening on", StringComparison.Ordinal));
        return ssh;
    }

    private static async Task<HostProcess> StartWebAsync(Lab lab, TemporaryFolder folder)
    {
        string[] kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        string temporary = string.Concat(kinds.Select(kind => $"{kind}_temp_path {folder.Below(kind)};\n"));
        await File.WriteAllTextAsync(folder.Below("nginx.conf"), $$"""
            daemon off;
            master_process off;
            pid {{folder.Below("nginx.pid")}};
            error_log stderr notice;
            events { }
            http {
              access_log off;
              {{temporary}}
              server {
                listen {{lab.Target}}:{{WebPort}};
                return 204;
              }
            }
            """);
        HostProcess web = HostProcess.StartProgramIn(
            lab.TargetSpace.Name, "nginx", "-p", folder.Path, "-e", "stderr", "-c", folder.Below("nginx.conf"));

        // Said after it has opened its ports.
        await web.LineAsync(line => line.Contains("nginx/", StringComparison.Ordinal));
        return web;
    }
}
