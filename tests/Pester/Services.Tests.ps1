# Services of this host. What is installed for real is installed in a systemd of its own: tests/Pester/Services.InRoot.sh.

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # What -WhatIf says goes to no stream.
    function Get-WhatIfText([hashtable] $Parameter) {
        $typed = $Parameter.GetEnumerator() | ForEach-Object { "-$($_.Key):" + ($_.Value -is [bool] ? '$true' : $_.Value -join ',') }
        Invoke-Pwsh -NoProfile -NonInteractive -Command "Import-Module '$Manifest'; Install-EngineService $typed -WhatIf" | Out-String
    }
}

Describe 'A service that is not installed' {
    It 'is shown as the unit and the commands under -WhatIf (<Name>)' -ForEach @(
        @{ Name = 'scanengineadmin-console'; With = @{ Role = 'Console'; AdvertisedAddress = 'console.example.org' }
            Line = 'scanengineadmin console --data /var/lib/scanengineadmin --advertise console.example.org' }
        @{ Name = 'scanengineadmin-engine'; With = @{ Role = 'Engine'; Port = 40900 }
            Line = 'scanengineadmin engine --data /var/lib/scanengineadmin --listen [::]:40900' }
        @{ Name = 'scanengineadmin-engine-applier'; With = @{ Role = 'Engine'; Applier = $true; Port = 443, 41000; AllowFrom = '10.7.0.0/16' }
            Line = 'firewall-applier --role engine --data /var/lib/scanengineadmin --ports 443,41000 --allow-from 10.7.0.0/16' }
    ) -Skip:(-not $IsLinux) {
        $text = Get-WhatIfText $With

        $text | Should -BeLike "*# /etc/systemd/system/$Name.service*"
        $text | Should -BeLike '*Type=notify*'
        $text.Contains($Line) | Should -BeTrue -Because $text
        $text | Should -BeLike "*systemctl enable $Name*systemctl start $Name*"
        Test-Path "/etc/systemd/system/$Name.service" | Should -BeFalse
    }

    It 'is shown without its start where it is not to be started' -Skip:(-not $IsLinux) {
        Get-WhatIfText @{ Role = 'Console'; NoStart = $true } | Should -Not -BeLike '*systemctl start*'
    }

    It 'is none of those that Get-EngineService returns, and cannot be removed' {
        Get-EngineService | Should -BeNullOrEmpty
        (Get-Fault { Uninstall-EngineService Console -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'ServiceNotFound*'
    }

    It 'is refused with <Because>' -ForEach @(
        @{ Because = 'what belongs to an applier'; With = @{ Role = 'Console'; AllowFrom = 'any' }; Id = 'OptionInvalid' }
        @{ Because = 'what belongs to a node'; With = @{ Role = 'Console'; Applier = $true; Address = '127.0.0.1' }; Id = 'OptionInvalid' }
        @{ Because = 'two ports of a node'; With = @{ Role = 'Engine'; Port = 1, 2 }; Id = 'OptionInvalid' }
        @{ Because = 'an engine''s advertised address'; With = @{ Role = 'Engine'; AdvertisedAddress = 'x' }; Id = 'OptionInvalid' }
        @{ Because = 'an address that is none'; With = @{ Role = 'Console'; AdvertisedAddress = "a`nUser=root" }; Id = 'AddressInvalid' }
        @{ Because = 'a folder that is not there'; With = @{ Role = 'Console'; DataPath = '/srv/not there' }; Id = 'OptionInvalid' }
    ) {
        (Get-Fault { Install-EngineService @With -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike "$Id*"
    }

    It 'is not installed where no systemd runs' -Skip:(-not $IsLinux -or (Test-Path /run/systemd/system)) {
        (Get-Fault { Install-EngineService Console -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'ServiceManagerNotFound*'
    }
}

Describe 'ScanEngineService where nothing is installed' {
    BeforeAll {
        . "$PSScriptRoot/DscDocument.ps1"
    }

    It 'is absent as asked, and differs where it shall be there (<_>)' -ForEach 'Console', 'Engine', 'ConsoleApplier', 'EngineApplier' {
        (New-DscInstance ScanEngineService @{ Service = $_; Ensure = 'Absent' }).Test() | Should -BeTrue
        $wanted = New-DscInstance ScanEngineService @{ Service = $_; Port = 40900 }
        $wanted.Test() | Should -BeFalse
        $now = $wanted.Get()
        $now.Ensure | Should -Be 'Absent'
        $now.Reasons.Code | Should -Be 'ScanEngineService:ScanEngineService:Ensure'
        $wanted.WhatIf().Reasons.Phrase | Should -Be "The service $_ is not installed."
        $wanted.GetType()::Export() | Should -BeNullOrEmpty
    }

    It 'is an error with its id where no service can be installed' -Skip:(-not $IsLinux -or (Test-Path /run/systemd/system)) {
        $wanted = New-DscInstance ScanEngineService @{ Service = 'Console' }
        { $wanted.Set() } | Should -Throw -ErrorId 'ServiceManagerNotFound'
    }

    It 'differs in what Compare-EngineService says, with a reason each' {
        Mock -ModuleName ScanEngineAdmin Get-EngineService { @{ Name = 'scanengineadmin-console-applier'; Role = 'Console'; Applier = $true } }
        Mock -ModuleName ScanEngineAdmin Compare-EngineService {
            if ($AllowFrom -contains '10.1.0.0/16') { return }
            [pscustomobject]@{ Name = 'it'; Property = 'AllowFrom'; Wanted = "$AllowFrom"; Actual = '10.1.0.0/16' }
            [pscustomobject]@{ Name = 'it'; Property = 'StartsAtBoot'; Wanted = 'True'; Actual = 'False' }
        }
        (New-DscInstance ScanEngineService @{ Service = 'ConsoleApplier'; AllowFrom = '10.1.0.0/16' }).Test() | Should -BeTrue
        $other = New-DscInstance ScanEngineService @{ Service = 'ConsoleApplier'; AllowFrom = '10.2.0.0/16' }
        $other.Test() | Should -BeFalse
        $other.Get().Reasons.Code | Should -Be 'ScanEngineService:ScanEngineService:AllowFrom', 'ScanEngineService:ScanEngineService:Ensure'
    }
}

Describe 'Compare-EngineService' {
    It 'says that a service is not installed' {
        (Get-Fault { Compare-EngineService Engine -Port 40900 }).FullyQualifiedErrorId | Should -BeLike 'ServiceNotFound*'
    }

    It 'refuses what Install-EngineService refuses' {
        (Get-Fault { Compare-EngineService Console -AllowFrom any }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid*'
        (Get-Fault { Compare-EngineService Console -Applier -AllowFrom nowhere }).FullyQualifiedErrorId | Should -BeLike 'AddressInvalid*'
    }
}
