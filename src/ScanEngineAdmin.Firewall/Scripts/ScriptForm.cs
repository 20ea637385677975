using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Firewall.Providers.Windows;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Scripts;

/// <summary>How a script is written in one language: its head, its four parts and how one of them is chosen.</summary>
internal abstract class ScriptForm
{
    public virtual string Indent => "    ";

    public virtual string LineEnd => "\n";

    public static ScriptForm Of(FirewallProvider provider) => provider switch
    {
        FirewallProvider.NetSecurity => new PowerShellForm(),
        FirewallProvider.Netsh => new CmdForm(),
        _ => new ShForm(),
    };

    public abstract IEnumerable<string> Head(NodeRole[] roles);

    public virtual string Comment(string text) => "# " + text;

    /// <summary>What stands before the parts.</summary>
    public abstract string Begin(NodeRole[] roles);

    public abstract string Open(NodeRole host, bool open);

    public abstract string Close(bool empty);

    /// <summary>What stands after the parts.</summary>
    public abstract string End(NodeRole[] roles);

    public virtual IEnumerable<string> Opening(IFirewallWriter writer, FirewallRule rule, string engineName) =>
        [writer.Open(rule, engineName)];

    public virtual IEnumerable<string> Closing(IFirewallWriter writer, FirewallRule rule) => [writer.Close(rule)];

    protected static string Word(NodeRole role) => role == NodeRole.Console ? "console" : "engine";

    protected static string Part(NodeRole host, bool open) => $"{Word(host)}_{(open ? "open" : "close")}";

    private sealed class ShForm : ScriptForm
    {
        public override IEnumerable<string> Head(NodeRole[] roles) => [
            "#!/bin/sh",
            roles.Length == 1 ? "# Usage, as root: sh THIS [open|close]"
                : "# Usage, as root: sh THIS open|close console|engine"];

        public override string Begin(NodeRole[] roles) =>
            "set -eu\nPATH=/usr/sbin:/sbin:/usr/bin:/bin\nLC_ALL=C\nexport PATH LC_ALL\n";

        public override string Open(NodeRole host, bool open) => Part(host, open) + "() {\n";

        // A function has to hold something.
        public override string Close(bool empty) => empty ? "    :\n}\n" : "}\n";

        public override string End(NodeRole[] roles)
        {
            string host = roles.Length == 1 ? Word(roles[0]) : "${2:-}";
            string usage = roles.Length == 1 ? "[open|close]" : "open|close console|engine";
            return $"\ncase \"${{1:-open}} {host}\" in\n" + string.Concat(roles.SelectMany(static r => new[]
            {
                $"'open {Word(r)}') {Part(r, true)} ;;\n", $"'close {Word(r)}') {Part(r, false)} ;;\n",
            })) + $"*) echo \"usage: sh $0 {usage}\" >&2; exit 2 ;;\nesac\n";
        }

        // One command a line: with set -e a failure in the middle of a list would pass unseen.
        public override IEnumerable<string> Opening(IFirewallWriter writer, FirewallRule rule, string engineName) =>
            writer.KnowsRulesByEffect
                ? writer.OpenCalls(rule, engineName).Select(static c => c.ToString())
                : writer.Open(rule, engineName).Split("; ");

        public override IEnumerable<string> Closing(IFirewallWriter writer, FirewallRule rule) =>
            writer.KnowsRulesByEffect ? writer.Close(rule).Split("; ").SelectMany(static l => l.Split(" && "))
                : [writer.Close(rule)];
    }

    private sealed class PowerShellForm : ScriptForm
    {
        public override IEnumerable<string> Head(NodeRole[] roles) => [
            "#Requires -RunAsAdministrator",
            "#Requires -Modules NetSecurity",
            roles.Length == 1 ? "# Usage: .\\THIS.ps1 [-Phase Open|Close]"
                : "# Usage: .\\THIS.ps1 -Phase Open|Close -Role Console|Engine"];

        public override string Begin(NodeRole[] roles) => roles.Length == 1
            ? $"param(\n    [ValidateSet('Open', 'Close')][string] $Phase = 'Open',\n"
                + $"    [ValidateSet('{roles[0]}')][string] $Role = '{roles[0]}'\n)\n$ErrorActionPreference = 'Stop'\n"
            : "param(\n    [ValidateSet('Open', 'Close')][string] $Phase = 'Open',\n"
                + "    [Parameter(Mandatory)][ValidateSet('Console', 'Engine')][string] $Role\n)\n"
                + "$ErrorActionPreference = 'Stop'\n";

        public override string Open(NodeRole host, bool open) =>
            $"if ($Role -eq '{host}' -and $Phase -eq '{(open ? "Open" : "Close")}') {{\n";

        public override string Close(bool empty) => "}\n";

        public override string End(NodeRole[] roles) => string.Empty;
    }

    private sealed class CmdForm : ScriptForm
    {
        public override string Indent => string.Empty;

        // Without the carriage return cmd does not find every label.
        public override string LineEnd => "\r\n";

        public override IEnumerable<string> Head(NodeRole[] roles) => [
            "@echo off",
            roles.Length == 1 ? "rem Usage, as administrator: THIS.cmd [open|close]"
                : "rem Usage, as administrator: THIS.cmd open|close console|engine"];

        // cmd reads a per cent sign even in a remark.
        public override string Comment(string text) => "rem " + string.Concat(text.Select(
            static c => c is '%' or '^' or '&' or '|' or '<' or '>' or '!' ? '_' : c));

        public override string Begin(NodeRole[] roles)
        {
            string host = roles.Length == 1 ? Word(roles[0]) : "%~2";
            string usage = roles.Length == 1 ? "[open^|close]" : "open^|close console^|engine";
            return "setlocal\nset \"phase=%~1\"\nif \"%phase%\"==\"\" set \"phase=open\"\n"
                + string.Concat(roles.SelectMany(r => new[] { Choice(host, r, true), Choice(host, r, false) }))
                + $"echo usage: %~nx0 {usage} 1>&2\nexit /b 2\n";
        }

        public override string Open(NodeRole host, bool open) => $":{Part(host, open)}\n";

        public override string Close(bool empty) => "exit /b 0\n";

        public override string End(NodeRole[] roles) => string.Empty;

        public override IEnumerable<string> Opening(IFirewallWriter writer, FirewallRule rule, string engineName) =>
            [NetshWriter.OpenLine(rule) + " || exit /b 1"];

        private static string Choice(string host, NodeRole role, bool open) =>
            $"if /i \"%phase% {host}\"==\"{(open ? "open" : "close")} {Word(role)}\" goto {Part(role, open)}\n";

        // netsh fails where there is nothing to delete.
        public override IEnumerable<string> Closing(IFirewallWriter writer, FirewallRule rule)
        {
            string delete = writer.Close(rule);
            string show = delete[..delete.IndexOf(" dir=", StringComparison.Ordinal)]
                .Replace(" delete ", " show ", StringComparison.Ordinal);
            return [$"{show} >nul 2>&1 && ({delete} || exit /b 1)"];
        }
    }
}
