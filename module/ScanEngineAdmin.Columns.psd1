# The columns of the table views are code of the library, so they are taken up after it: by a manifest of their own, as
# Update-TypeData would load another module of PowerShell.
@{
    ModuleVersion  = '0.1.0'
    GUID           = '4fad199f-a5cd-4a6c-8e06-efa79878006f'
    Author         = 'The ScanEngineAdmin team'
    Description    = 'The columns of the table views of ScanEngineAdmin, which loads them.'
    TypesToProcess = @('ScanEngineAdmin.Columns.ps1xml')
}
