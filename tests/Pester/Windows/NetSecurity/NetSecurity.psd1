@{
    RootModule        = 'NetSecurity.psm1'
    ModuleVersion     = '2.0.0.0'
    GUID              = '5f8b8a52-54d6-4d5e-9b0a-2f0f2a7f3a10'
    Author            = 'The ScanEngineAdmin team'
    Description       = 'Stands for the NetSecurity module of Windows in the tests.'
    FunctionsToExport = @(
        'New-NetFirewallRule', 'Get-NetFirewallRule', 'Set-NetFirewallRule', 'Remove-NetFirewallRule'
        'Get-NetFirewallPortFilter', 'Get-NetFirewallAddressFilter', 'Get-NetFirewallProfile'
        'Get-NetFirewallApplicationFilter', 'Get-NetFirewallServiceFilter', 'Get-NetFirewallInterfaceFilter'
        'Get-NetFirewallInterfaceTypeFilter', 'Get-NetConnectionProfile', 'Get-FakeFirewall', 'Reset-FakeFirewall'
    )
}
