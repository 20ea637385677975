@{
    RootModule             = 'module/ScanEngineAdmin.psm1'
    ModuleVersion          = '0.1.0'
    GUID                   = '8f1f2e0e-6c1c-4c3c-9a56-0a3c1b5a7d41'
    Author                 = 'The ScanEngineAdmin team'
    CompanyName            = 'ScanEngineAdmin'
    Copyright              = '(c) The ScanEngineAdmin team'
    Description            = 'Runs Security Consoles and Scan Engines and the one channel between them, in either direction, with the firewall rules that each direction needs.'
    PowerShellVersion      = '7.4'
    CompatiblePSEditions   = @('Core')
    FormatsToProcess       = @('module/ScanEngineAdmin.Format.ps1xml')
    TypesToProcess         = @('module/ScanEngineAdmin.Types.ps1xml')
    FunctionsToExport      = @()
    AliasesToExport        = @()
    DscResourcesToExport   = @(
        'ScanEngine'
        'ScanEngineCommunication'
        'ScanEngineConsole'
        'ScanEngineFirewall'
        'ScanEnginePolicy'
    )
    VariablesToExport      = @()
    CmdletsToExport        = @(
        'Approve-EngineConsole'
        'Approve-ScanEngine'
        'Compare-EngineFirewall'
        'Confirm-EngineFirewallPlan'
        'ConvertTo-EngineFirewallScript'
        'Deny-EngineConsole'
        'Export-EngineScan'
        'Export-SecurityConsole'
        'Get-EngineCertificate'
        'Get-EngineConsole'
        'Get-EngineFirewallApplier'
        'Get-EngineFirewallRule'
        'Get-EngineListener'
        'Get-EnginePairingSecret'
        'Get-EnginePoller'
        'Get-EngineScan'
        'Get-EngineScanPolicy'
        'Get-ScanEngine'
        'Get-ScanEngineCommunication'
        'Get-ScanEngineEvent'
        'Get-SecurityConsole'
        'Import-SecurityConsole'
        'Invoke-EngineFirewallPlan'
        'New-EnginePairingSecret'
        'New-ScanEngineTestPair'
        'Receive-EngineScan'
        'Register-ScanEngine'
        'Remove-EngineScan'
        'Remove-ScanEngineTestPair'
        'Repair-EngineFirewall'
        'Restore-ScanEngineCommunication'
        'Resume-EngineScan'
        'Revoke-EnginePairingSecret'
        'Set-EngineConsole'
        'Set-EngineScanPolicy'
        'Set-ScanEngine'
        'Set-ScanEngineCommunication'
        'Set-ScanEngineTestPair'
        'Start-EngineFirewallApplier'
        'Start-EngineListener'
        'Start-EnginePoller'
        'Start-EngineScan'
        'Start-SecurityConsole'
        'Stop-EngineFirewallApplier'
        'Stop-EngineListener'
        'Stop-EnginePoller'
        'Stop-EngineScan'
        'Stop-SecurityConsole'
        'Test-EngineFirewall'
        'Unregister-ScanEngine'
        'Update-EngineCertificate'
        'Wait-EngineScan'
        'Wait-ScanEngine'
    )
    PrivateData            = @{
        PSData = @{
            Tags = @('Security', 'Scanner', 'Firewall', 'Network', 'Windows', 'Linux', 'MacOS', 'PSEdition_Core', 'DSC', 'DesiredStateConfiguration')
        }
    }
}
