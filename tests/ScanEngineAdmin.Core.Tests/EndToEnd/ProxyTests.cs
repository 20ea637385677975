using System.Diagnostics;
using System.Net;
using System.Runtime.Versioning;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>An engine that reaches its console through an HTTP proxy only.</summary>
public sealed class ProxyTests
{
    private const string Name = "console.test";

    [Theory]
    [InlineData("")]
    [InlineData("user:p%40ss@")]
    [Trait("Speed", "Slow")]
    public async Task It_polls_and_scans_through_the_proxy_which_knows_the_name(string user)
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        await using var proxy = new PlayedProxy(() => pair.ToConsole.EndPoint);
        await ThroughAsync(pair, HttpProxy.Parse($"http://{user}127.0.0.1:{proxy.Port}"));

        using var targets = new ScanTargets();
        await targets.RunAsync(pair);

        string request = proxy.Requests.First();
        Assert.StartsWith(
            $"CONNECT {Name}:{pair.ToConsole.EndPoint.Port} HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Equal(
            user.Length > 0,
            request.Contains("Proxy-Authorization: Basic dXNlcjpwQHNz\r\n", StringComparison.Ordinal));
        Assert.Equal(pair.ToConsole.EndPoint.Port, pair.AtEngine.Port);
    }

    [Theory]
    [InlineData("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
        "wants credentials for Basic")]
    [InlineData("HTTP/1.0 403 Forbidden\r\n\r\n<html>no</html>", "forbids a tunnel to port")]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\n\r\n", "could not reach console.test")]
    [InlineData("SSH-2.0-OpenSSH_9\r\n\r\n", "answered what is no HTTP")]
    [InlineData("", "answered what is no HTTP")]
    [Trait("Speed", "Slow")]
    public async Task What_the_proxy_refuses_is_said_and_it_is_tried_again(string answer, string why)
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        await using var proxy = new PlayedProxy(() => pair.ToConsole.EndPoint) { Refusal = answer };
        await ThroughAsync(pair, HttpProxy.Parse($"127.0.0.1:{proxy.Port}"));

        ConsoleRecord refused = await pair.UntilEngineAsync(now => now.LastError is not null);

        Assert.StartsWith("ProxyRefused: The proxy 127.0.0.1:", refused.LastError, StringComparison.Ordinal);
        Assert.Contains(why, refused.LastError, StringComparison.Ordinal);
        FirewallTestResult tested = await pair.Engine.TestFirewallAsync(
            new FirewallTestRequest
            {
                Direction = CommunicationDirection.EngineToConsole,
                LocalRole = NodeRole.Engine,
                Host = Name,
                Port = pair.ToConsole.EndPoint.Port,
                Proxy = HttpProxy.Parse($"127.0.0.1:{proxy.Port}"),
                Timeout = TimeSpan.FromSeconds(30),
            },
            CancellationToken.None);
        FirewallTestStage failed = Assert.Single(
            tested.Stages, stage => stage.Result == FirewallTestOutcome.Failed);
        Assert.Equal(FirewallStage.Connect, failed.Stage);
        Assert.Contains(why, failed.Evidence, StringComparison.Ordinal);
        Assert.Contains("CONNECT", failed.Recommendation, StringComparison.Ordinal);

        proxy.Refusal = null;
        await pair.UntilEngineAsync(now => now.LastError is null);
        await pair.ActiveAsync();
    }

    [Theory]
    [InlineData("http://proxy.example:3128", "proxy.example:3128", false)]
    [InlineData("proxy.example", "proxy.example:80", false)]
    [InlineData("http://u:p@[2001:db8::1]:8080/", "[2001:db8::1]:8080", true)]
    public void A_proxy_is_read_and_its_password_is_not_shown(string text, string shown, bool credential)
    {
        HttpProxy proxy = HttpProxy.Parse(text);
        Assert.Equal((shown, credential), ($"{proxy}", proxy.HasCredential));
    }

    [Theory]
    [InlineData("https://proxy.example")]
    [InlineData("socks5://proxy.example")]
    [InlineData("http://")]
    [InlineData("a b")]
    [InlineData("http://proxy/proxy.pac")]
    [InlineData("http://proxy:0")]
    [InlineData("CORP\\user:pass@proxy:3128")]
    [InlineData("user:pa/ss@proxy:3128")]
    [InlineData("user:pa#ss@proxy:3128")]
    [InlineData("a%3Ab:pass@proxy:3128")]
    [InlineData("user:pa%0Ass@proxy:3128")]
    [InlineData(":pass@proxy:3128")]
    public void What_is_no_proxy_is_refused(string text)
    {
        Assert.Throws<FormatException>(() => HttpProxy.Parse(text));
        var error = Assert.Throws<ScanEngineException>(
            () => NodeProxy.Read(name => name == NodeProxy.Variable ? text : null));
        Assert.Equal((FaultCode.OptionInvalid, NodeProxy.Variable), (error.Code, error.Target));
    }

    [Theory]
    [InlineData("example.org, 10.0.0.0/8", "console.example.org", false)]
    [InlineData("example.org", "example.org", false)]
    [InlineData(".example.org", "console.example.org.", false)]
    [InlineData("*.example.org", "console.example.org", false)]
    [InlineData("example.org", "notexample.org", true)]
    [InlineData("10.0.0.0/8", "10.1.2.3", false)]
    [InlineData("10.0.0.1", "10.0.0.1", false)]
    [InlineData("10.0.0.1", "10.0.0.10", true)]
    [InlineData("2001:db8::/32", "2001:db8::7", false)]
    [InlineData("*", "console", false)]
    [InlineData("", "127.0.0.9", false)]
    [InlineData("", "localhost", false)]
    [InlineData("", "10.1.2.3", true)]
    public void Some_hosts_are_dialled_directly(string exceptions, string host, bool through) =>
        Assert.Equal(through, HttpProxy.Parse("proxy:3128", null, exceptions).IsUsedFor(host));

    [Fact]
    public void The_environment_is_taken_only_when_it_is_asked_for()
    {
        var environment = new Dictionary<string, string> { ["HTTPS_PROXY"] = "http://web:3128", ["NO_PROXY"] = "corp" };
        string? Of(string name) => environment.GetValueOrDefault(name);

        Assert.Null(NodeProxy.Read(Of));
        environment[NodeProxy.Variable] = "system";
        Assert.Equal("web:3128", $"{NodeProxy.Read(Of)}");
        Assert.False(NodeProxy.Read(Of)!.IsUsedFor("console.corp"));
        environment[NodeProxy.Variable] = "none";
        Assert.False(NodeProxy.Read(Of)!.IsUsedFor("elsewhere"));
        Assert.Equal("given:1", $"{NodeProxy.Read(Of, "given:1")}");
        environment[NodeProxy.Variable] = "http://own:8080";
        Assert.False(NodeProxy.Read(Of, "none")!.IsUsedFor("elsewhere"));
        Assert.Equal("own:8080", $"{NodeProxy.Read(Of)}");
        Assert.False(NodeProxy.Read(Of)!.IsUsedFor("console.corp"));
    }

    [Theory, NeedsLinux]
    [InlineData("pipe")]
    [InlineData("link to a pipe")]
    [InlineData("device")]
    [InlineData("folder")]
    public async Task Credentials_in_anything_but_a_file_are_refused_at_once(string kind)
    {
        using var folder = new TemporaryFolder();
        string pipe = folder.Below("pipe");
        Unix.MakePipe(pipe);
        string file = kind switch
        {
            "link to a pipe" => File.CreateSymbolicLink(folder.Below("link"), pipe).FullName,
            "device" => "/dev/zero",
            "folder" => folder.Path,
            _ => pipe,
        };
        var environment = new Dictionary<string, string>
        {
            [NodeProxy.Variable] = "proxy:3128",
            [NodeProxy.CredentialVariable] = file,
        };

        // Who opens a pipe waits for its other end, and no token ends that.
        ScanEngineException refused = await Task.Run(() => Assert.Throws<ScanEngineException>(
            () => NodeProxy.Read(environment.GetValueOrDefault))).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Contains("where a file should be", refused.Message, StringComparison.Ordinal);
    }

    [Fact, NeedsLinux]
    [UnsupportedOSPlatform("windows")]
    public void Credentials_may_be_a_link_to_a_file_as_containers_make_them()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Below("words"), "user:word");
        File.SetUnixFileMode(folder.Below("words"), UnixFileMode.UserRead);
        File.CreateSymbolicLink(folder.Below("link"), folder.Below("words"));
        var environment = new Dictionary<string, string>
        {
            [NodeProxy.Variable] = "proxy:3128",
            [NodeProxy.CredentialVariable] = folder.Below("link"),
        };

        Assert.True(NodeProxy.Read(environment.GetValueOrDefault)!.HasCredential);
    }

    [Theory]
    [InlineData("proxy:3128", "user", "word", true)]
    [InlineData("PROXY:3128", "user", "word", true)]
    [InlineData("proxy:3128", "user", "other", false)]
    [InlineData("proxy:3128", "other", "word", false)]
    [InlineData("proxy:3128", null, null, false)]
    [InlineData("proxy:3129", "user", "word", false)]
    [InlineData("none", null, null, false)]
    public void A_proxy_is_the_same_with_the_same_credentials_alone(string proxy, string? user, string? word, bool same)
    {
        HttpProxy running = HttpProxy.Parse("proxy:3128", new NetworkCredential("user", "word"));
        HttpProxy asked = proxy == "none" ? HttpProxy.None
            : HttpProxy.Parse(proxy, user is null ? null : new NetworkCredential(user, word));

        Assert.Equal(same, HttpProxy.AreSame(running, asked));
        Assert.Equal(same, HttpProxy.AreSame(asked, running));
        Assert.False(HttpProxy.AreSame(asked, null));
        Assert.True(HttpProxy.AreSame(null, null));
    }

    [Fact]
    public void Credentials_come_from_a_file_that_not_everybody_reads()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Below("words");
        var environment = new Dictionary<string, string>
        {
            [NodeProxy.Variable] = "proxy:3128",
            [NodeProxy.CredentialVariable] = file,
        };
        string? Of(string name) => environment.GetValueOrDefault(name);

        Assert.Equal(NodeProxy.CredentialVariable, Refused().Target);
        File.WriteAllText(file, "nobody\n");
        Close(UnixFileMode.UserRead);
        Assert.DoesNotContain("nobody", Refused().Message, StringComparison.Ordinal);
        File.WriteAllText(file, "user:p:ss\r\n");
        Assert.True(NodeProxy.Read(Of)!.HasCredential);
        Assert.Equal("dXNlcjpwOnNz", NodeProxy.Read(Of)!.Authorization);

        // They are for the proxy that the environment names, and for no other that somebody gives.
        Assert.False(NodeProxy.Read(Of, "http://other.example.org:3128")!.HasCredential);
        Close(UnixFileMode.UserRead | UnixFileMode.OtherRead);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Contains("Everybody", Refused().Message, StringComparison.Ordinal);
            Close(UnixFileMode.UserRead | UnixFileMode.OtherWrite);
            Assert.Contains("Everybody", Refused().Message, StringComparison.Ordinal);
        }

        if (OperatingSystem.IsLinux())
        {
            File.Delete(file);
            Process.Start("mkfifo", ["-m", "600", file])!.WaitForExit();
            Assert.Contains("a pipe", Refused().Message, StringComparison.Ordinal);
        }

        ScanEngineException Refused() => Assert.Throws<ScanEngineException>(() => NodeProxy.Read(Of));
        void Close(UnixFileMode mode)
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, mode | UnixFileMode.UserWrite);
            }
        }
    }

    [Fact, NeedsRoot, UnsupportedOSPlatform("windows")]
    public void Credentials_that_another_user_could_change_are_refused()
    {
        using var folder = new TemporaryFolder();
        string his = folder.Below("his");
        Directory.CreateDirectory(his);
        string file = Path.Combine(his, "words");
        File.WriteAllText(file, "user:word");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        string? Of(string name) => name == NodeProxy.Variable ? "proxy:3128"
            : name == NodeProxy.CredentialVariable ? file : null;
        Assert.True(NodeProxy.Read(Of)!.HasCredential);

        Process.Start("chown", ["54321", his])!.WaitForExit();
        Assert.Contains("another user's", Assert.Throws<ScanEngineException>(() => NodeProxy.Read(Of)).Message, StringComparison.Ordinal);
        Process.Start("chown", ["0", his])!.WaitForExit();
        Process.Start("chown", ["54321", file])!.WaitForExit();
        Assert.Contains("another user's", Assert.Throws<ScanEngineException>(() => NodeProxy.Read(Of)).Message, StringComparison.Ordinal);
    }

    /// <summary>The engine knows its console by a name that the proxy alone can look up.</summary>
    private static async Task ThroughAsync(NodePair pair, HttpProxy proxy)
    {
        await pair.StopEngineAsync();
        pair.Engine.Store.UpdateConsole(pair.PairingId, now => now with { Address = Name, LastError = null });
        pair.EngineOptions = pair.EngineOptions with
        {
            Channel = pair.EngineOptions.Channel with { Proxy = proxy },
        };
        await pair.StartEngineAsync();
    }
}
