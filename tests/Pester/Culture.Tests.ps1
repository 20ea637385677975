BeforeDiscovery {
    $script:cultures = 'ar-SA', 'he-IL', 'fa-IR', 'ur-PK', 'ckb-IQ', 'sv-SE', 'tr-TR', 'th-TH', 'de-DE'
}

Describe 'The module under <_>' -ForEach $cultures {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $known = [System.Globalization.CultureInfo]::GetCultures('AllCultures').Name
        $script:there = $known -contains $_
    }

    It 'registers an engine, makes a secret, queues nothing for an engine that is not paired, and reads all back' {
        if (-not $there) {
            Set-ItResult -Skipped -Because "this system has no culture $_"
            return
        }

        $before = [cultureinfo]::CurrentCulture
        $path = New-DataPath
        try {
            [cultureinfo]::CurrentCulture = $_
            Register-ScanEngine lab-1 192.0.2.1 -DataPath $path
            (Get-ScanEngine LAB-1 -DataPath $path).Port | Should -Be 40814
            $secret = New-EnginePairingSecret -DataPath $path -ExpiresIn 1.5h
            $secret.ExpiresAt | Should -BeGreaterThan ([datetime]::Now.AddMinutes(85))
            @(Get-EnginePairingSecret -DataPath $path).Count | Should -Be 1
            (Get-Fault { Start-EngineScan lab-1 10.0.0.0/30 -DataPath $path }).FullyQualifiedErrorId |
                Should -BeLike 'NotPaired*'
            @(Get-ScanEngineEvent -DataPath $path).Count | Should -BeGreaterThan 0

            # What looks like an ISO date is one, whatever the calendar of the culture.
            $events = Get-ScanEngineEvent -DataPath $path
            $day = $events[0].Time.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture)
            $events | Format-Table | Out-String | Should -BeLike "*$day*"
        } finally {
            [cultureinfo]::CurrentCulture = $before
        }
    }
}
