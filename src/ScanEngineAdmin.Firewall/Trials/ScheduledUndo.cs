using System.Globalization;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Firewall.Providers.Windows;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Trials;

/// <summary>
/// What <see cref="UndoScript"/> is on Linux, for Windows: a task of the system's scheduler that undoes an application
/// when nobody confirms it, at its time or at the next start of the host. Its script is a constant; the steps in its
/// file are data, and nothing but this product's own rules can be opened or closed by them. It needs neither this
/// product nor PowerShell 7.
/// </summary>
internal static class ScheduledUndo
{
    /// <summary>
    /// Makes the task, as the system's own account. A task's time has whole seconds, so that it is set to the next one.
    /// </summary>
    public const string RegisterScript = NetSecurityWriter.ReadInput
        + "$a=New-ScheduledTaskAction -Execute \"$env:SystemRoot\\System32\\WindowsPowerShell\\v1.0\\powershell.exe\" "
        + "-Argument $q.Arguments;"
        + "$t=@((New-ScheduledTaskTrigger -Once -At ([DateTime]::new([long]$q.At,'Utc').AddSeconds(1).ToLocalTime())),"
        + "(New-ScheduledTaskTrigger -AtStartup));"
        + "$p=New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest;"
        + "$s=New-ScheduledTaskSettingsSet -StartWhenAvailable -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries "
        + "-ExecutionTimeLimit (New-TimeSpan -Minutes 15);"
        + "$null=Register-ScheduledTask -TaskPath '\\ScanEngineAdmin\\' -TaskName $q.Task -Action $a -Trigger $t "
        + "-Principal $p -Settings $s -Description $q.Description -Force";

    /// <summary>Takes the task away; no fault when there is none.</summary>
    public const string RemoveScript = NetSecurityWriter.ReadInput + Unregister;

    /// <summary>Undoes now what waits, without the task.</summary>
    public const string UndoNowScript = NetSecurityWriter.ReadInput + Undo;

    private const string Unregister = "Get-ScheduledTask -TaskPath '\\ScanEngineAdmin\\' -TaskName $q.Task "
        + "-ErrorAction SilentlyContinue|Unregister-ScheduledTask -Confirm:$false";

    private const string OwnRule = "ScanEngine-sea-[0-9a-f]{12}";

    // Started with the host before its time it only looks. Whoever renames the steps first has them: this task, a
    // confirmation, or the next run after this one was killed. Where a step fails all of them stay, for the next start
    // or the next run: a step that is done again changes nothing. That netsh cannot delete what is gone is no failure.
    private const string Undo = "$j=$q;$r=\"$($j.Steps).running\";"
        + "if([DateTime]::UtcNow.Ticks -lt [long]$j.At -and -not(Test-Path -LiteralPath $r)){return};"
        + "try{[IO.File]::Move($j.Steps,$r)}catch{};"
        + "$h=$null;$until=[DateTime]::UtcNow.AddMinutes(5);"
        + "while($j.Lock -and -not $h -and [DateTime]::UtcNow -lt $until){"
        + "try{$h=[IO.File]::Open($j.Lock,'OpenOrCreate','ReadWrite','None')}catch{Start-Sleep -Milliseconds 200}};"
        + "try{if(Test-Path -LiteralPath $r){$f=$false;"
        + "foreach($w in ([IO.File]::ReadAllText($r)|ConvertFrom-Json).Steps){try{"
        + "if($w.Netsh){if(\"$($w.Netsh)\" -match '^advfirewall firewall (add|delete) rule name=" + OwnRule + " '){"
        + "$null=& \"$env:SystemRoot\\System32\\netsh.exe\" @($w.Netsh);"
        + "if($LASTEXITCODE -and $w.Netsh[2] -eq 'add'){$f=$true}}}"
        + "else{$q=$w.Rule;if($q.Name -match '^" + OwnRule + "$'){if($w.Open){" + NetSecurityWriter.OpenBody + "}else{"
        + NetSecurityWriter.CloseBody + "}}}}catch{$f=$true}};if(-not $f){[IO.File]::Delete($r)}};"
        + "if(-not(Test-Path -LiteralPath $j.Steps) -and -not(Test-Path -LiteralPath $r)){$q=$j;" + Unregister
        + "}}finally{if($h){$h.Dispose()}}";

    public static ToolCall Register(string id, DateTimeOffset at, string stepsFile, string lockFile)
    {
        JObject given = Given(id, at, stepsFile, lockFile);
        string data = Convert.ToBase64String(Encoding.UTF8.GetBytes(given.ToString(Formatting.None)));
        string script = "$ErrorActionPreference='Stop';$q=[Text.Encoding]::UTF8.GetString("
            + $"[Convert]::FromBase64String('{data}'))|ConvertFrom-Json;{Undo}";
        return NetSecurityWriter.PowerShell(RegisterScript, new JObject
        {
            ["Task"] = given["Task"],
            ["At"] = given["At"],
            ["Arguments"] = "-NoProfile -NonInteractive -EncodedCommand "
                + Convert.ToBase64String(Encoding.Unicode.GetBytes(script)),
            ["Description"] = $"Undoes the firewall rules of application {id} unless they are confirmed: "
                + $"Confirm-EngineFirewallPlan -Id {id}",
        });
    }

    public static ToolCall Remove(string id) =>
        NetSecurityWriter.PowerShell(RemoveScript, new JObject { ["Task"] = Task(id) });

    /// <summary>For who has the lock.</summary>
    public static ToolCall UndoNow(string id, string stepsFile) =>
        NetSecurityWriter.PowerShell(UndoNowScript, Given(id, DateTimeOffset.MinValue, stepsFile, null));

    /// <summary>The steps as the file has them.</summary>
    public static string Steps(IEnumerable<ToolCall> calls) =>
        new JObject { ["Steps"] = new JArray(calls.Select(Step)) }.ToString(Formatting.None);

    private static JObject Step(ToolCall call) => call.Tool == "netsh"
        ? new JObject { ["Netsh"] = new JArray(call.Arguments) }
        : new JObject
        {
            ["Open"] = NetSecurityWriter.Opens(call),
            ["Rule"] = JObject.Parse(call.Input!),
        };

    private static JObject Given(string id, DateTimeOffset at, string stepsFile, string? lockFile) => new()
    {
        ["Task"] = Task(id),
        ["At"] = at.UtcTicks.ToString(CultureInfo.InvariantCulture),
        ["Steps"] = stepsFile,
        ["Lock"] = lockFile,
    };

    private static string Task(string id) => "Undo " + id;
}
