using ScanEngineAdmin.Hosting;

namespace ScanEngineAdmin.Tests;

public sealed class HostLifetimeTests
{
    [Theory]
    [InlineData("", "ConsoleHost", false)]
    [InlineData("-NoProfile", "ConsoleHost", false)]
    [InlineData("-NoProfile -Command Start-SecurityConsole", "ConsoleHost", true)]
    [InlineData("-c Start-SecurityConsole", "ConsoleHost", true)]
    [InlineData("-NoExit -Command Start-SecurityConsole", "ConsoleHost", false)]
    [InlineData("-noe -c Start-SecurityConsole", "ConsoleHost", false)]
    [InlineData("-c Start-SecurityConsole -NoExit", "ConsoleHost", true)]
    [InlineData("-File run.ps1", "ConsoleHost", true)]
    [InlineData("-EncodedCommand AAAA", "ConsoleHost", true)]
    [InlineData("run.ps1", "ConsoleHost", true)]
    [InlineData("-ExecutionPolicy Bypass", "ConsoleHost", false)]
    [InlineData("-ep Bypass -f run.ps1", "ConsoleHost", true)]
    [InlineData("-WorkingDirectory /tmp -NoLogo", "ConsoleHost", false)]
    [InlineData("-s -NoLogo -NoProfile", "ServerRemoteHost", true)]
    [InlineData("-Command ./Start-EditorServices.ps1", "Visual Studio Code Host", false)]
    public void A_process_that_ends_with_its_command_is_known_by_its_arguments(string line, string host, bool ends) =>
        Assert.Equal(ends, HostLifetime.EndsByItself(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), host));
}
