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
}
