# Pictures of a console with engines that do not run: what is drawn stands in the store.

BeforeDiscovery {
    $chromium = (Get-Command chromium, chromium-browser, google-chrome -CommandType Application -ErrorAction Ignore |
            Select-Object -First 1).Source
    if (-not $chromium) {
        Write-Warning 'Skipped: the page in a browser. There is no Chromium on this host.'
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $script:schema = Join-Path $Checkout 'docs/topology.schema.json'

    function Register-Many([string] $DataPath, [int] $Count) {
        1..$Count | ForEach-Object { [pscustomobject]@{ Name = 'edge-{0:d4}' -f $_; Address = "192.0.2.$($_ % 250 + 1)" } } |
            Register-ScanEngine -DataPath $DataPath
    }
}

Describe 'A picture of three engines' {
    BeforeAll {
        $script:path = New-DataPath
        $env:SCANENGINEADMIN_DATA = $path
        Register-Many $path 3
        $null = New-ScanEnginePool dmz -Engine edge-0001, edge-0002
        $script:folder = New-DataPath
    }

    AfterAll {
        Remove-Item Env:SCANENGINEADMIN_DATA
    }

    It 'is written as <Format>, as the name <Name> says' -ForEach @(
        @{ Format = 'Html'; Name = 'a.html'; Begins = '<!DOCTYPE html>' }
        @{ Format = 'Svg'; Name = 'a.svg'; Begins = '<svg' }
        @{ Format = 'Mermaid'; Name = 'a.mmd'; Begins = '%% ' }
        @{ Format = 'Json'; Name = 'a.json'; Begins = '{' }
    ) {
        $file = Export-ScanEngineTopology -Path (Join-Path $folder $Name)
        $text = Get-Content -Raw $file.FullName
        $text | Should -BeLike "$Begins*"
        'edge-0001', 'edge-0002', 'edge-0003', 'dmz' | ForEach-Object { $text | Should -BeLike "*$_*" }
        $other = Export-ScanEngineTopology -Format $Format -Path (Join-Path $folder "$Format.other")
        (Get-Content -Raw $other.FullName) | Should -BeLike "$Begins*"
        @(Get-ChildItem $folder -Filter *.part) | Should -BeNullOrEmpty
    }

    It 'as JSON follows the schema of the docs' {
        $file = Export-ScanEngineTopology -Path (Join-Path $folder 'schema.json')
        Test-Json -Path $file.FullName -SchemaFile $schema | Should -BeTrue
        $read = Get-Content -Raw $file.FullName | ConvertFrom-Json
        $read.version | Should -Be 1
        $read.engines.name | Should -Be 'edge-0001', 'edge-0002', 'edge-0003'
        $read.pools[0].engines | Should -Be 'edge-0001', 'edge-0002'
        $read.console.state | Should -Be 'Stopped'
        $read.firewall | Should -BeNullOrEmpty
    }

    It 'has the firewall of this host where it is asked for' {
        $file = Export-ScanEngineTopology -Path (Join-Path $folder 'firewall.json') -IncludeFirewall -WarningAction Ignore
        Test-Json -Path $file.FullName -SchemaFile $schema | Should -BeTrue
        (Get-Content -Raw $file.FullName | ConvertFrom-Json).firewall.reason | Should -Not -BeNullOrEmpty
    }

    It 'has the engines that are named or come by the pipeline, once each' {
        $named = Export-ScanEngineTopology edge-000[13], edge-0003 -Path (Join-Path $folder 'named.json')
        $piped = Get-ScanEngine *2 | Export-ScanEngineTopology -Path (Join-Path $folder 'piped.json')
        $rows = [pscustomobject]@{ EngineName = 'edge-0001' }, [pscustomobject]@{ EngineName = 'edge-0001' } |
            Export-ScanEngineTopology -Path (Join-Path $folder 'rows.json')
        (Get-Content -Raw $named.FullName | ConvertFrom-Json).engines.name | Should -Be 'edge-0001', 'edge-0003'
        (Get-Content -Raw $piped.FullName | ConvertFrom-Json).engines.name | Should -Be 'edge-0002'
        (Get-Content -Raw $rows.FullName | ConvertFrom-Json).engines.name | Should -Be 'edge-0001'
    }

    It 'has another console''s engines by -DataPath, and by the objects that come from there' {
        $other = New-DataPath
        Register-ScanEngine far 192.0.2.9 -DataPath $other
        $named = Export-ScanEngineTopology -DataPath $other -Path (Join-Path $folder 'other.json')
        $piped = Get-ScanEngine -DataPath $other | Export-ScanEngineTopology -Path (Join-Path $folder 'far.json')
        $named, $piped | ForEach-Object { (Get-Content -Raw $_.FullName | ConvertFrom-Json).engines.name | Should -Be 'far' }
    }

    It 'does not replace a file without -Force, and writes nothing with -WhatIf or for no engine' {
        $file = Join-Path $folder 'kept.svg'
        Set-Content $file 'mine'
        (Get-Fault { Export-ScanEngineTopology -Path $file }).FullyQualifiedErrorId | Should -BeLike 'ExportExists,*'
        Get-Content $file | Should -Be 'mine'
        $null = Export-ScanEngineTopology -Path $file -Force
        (Get-Content -Raw $file) | Should -BeLike '<svg*'
        Invoke-WhatIf Export-ScanEngineTopology @{ Path = (Join-Path $folder 'never.svg') }
        Export-ScanEngineTopology 'nothing-*' -Path (Join-Path $folder 'never.svg') -WarningAction Ignore
        Get-ScanEngine 'nothing-*' | Export-ScanEngineTopology -Path (Join-Path $folder 'never.svg') -WarningAction Ignore
        Join-Path $folder 'never.svg' | Should -Not -Exist
        (Get-Fault { Export-ScanEngineTopology nobody -Path (Join-Path $folder 'never.svg') -WarningAction Ignore }).FullyQualifiedErrorId |
            Should -BeLike 'EngineNotFound,*'
        (Get-Fault { Export-ScanEngineTopology -Path (Join-Path $folder 'a.odd') }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        (Get-Fault { Export-ScanEngineTopology -Path (Join-Path $folder 'no/such/a.svg') }).FullyQualifiedErrorId |
            Should -BeLike 'OptionInvalid,*'
    }

    It 'of a console that is not there is an error' {
        (Get-Fault { Export-ScanEngineTopology -DataPath (New-DataPath) -Path (Join-Path $folder 'none.svg') }).FullyQualifiedErrorId |
            Should -BeLike 'ConsoleNotFound,*'
    }
}

Describe 'A picture of 1,000 engines' {
    BeforeAll {
        $script:path = New-DataPath
        Register-Many $path 1000
        $null = New-ScanEnginePool north -Engine edge-00* -DataPath $path
        $script:folder = New-DataPath
    }

    It 'has all of them as <_>' -ForEach 'page.html', 'data.json' {
        $file = Export-ScanEngineTopology -DataPath $path -Path (Join-Path $folder $_)
        $text = Get-Content -Raw $file.FullName
        $missing = 1..1000 | Where-Object { -not $text.Contains(('edge-{0:d4}' -f $_)) }
        $missing | Should -BeNullOrEmpty
    }

    It 'is drawn in boxes as <_>' -ForEach 'a.svg', 'a.mmd' {
        $file = Export-ScanEngineTopology -DataPath $path -Path (Join-Path $folder $_)
        $file.Length | Should -BeLessThan 50000
        Get-Content -Raw $file.FullName | Should -BeLike '*901 engines*'
    }

    It 'can be read on a narrow screen and on paper' -Skip:(-not $chromium) -ForEach @{ Chromium = $chromium } {
        $page = Export-ScanEngineTopology edge-000* -DataPath $path -Path (Join-Path $folder 'narrow.html')
        # A window of a browser without a screen is wider than a telephone: the page is looked at in a frame.
        $script = 'const d = f.contentDocument; document.title = "at most " + Math.max(...[...d.querySelectorAll("tbody tr")].map(r => r.offsetHeight))' +
        ' + " high, at least " + Math.min(...[...d.querySelectorAll("tbody td")].map(c => c.offsetWidth)) + " wide, page " + d.documentElement.scrollWidth'
        Set-Content (Join-Path $folder 'frame.html') ('<iframe id="f" src="narrow.html" style="width:360px;height:800px;border:0"></iframe>' +
            "<script>f.onload = () => { $script }</script>")
        $flags = '--headless=new', '--no-sandbox', '--disable-gpu', "--user-data-dir=$(New-DataPath)", '--timeout=60000', '--allow-file-access-from-files'
        $dom = (& $Chromium @flags --dump-dom "file://$folder/frame.html" 2>$null) -join "`n"
        $dom -match '<title>at most (\d+) high, at least (\d+) wide, page (\d+)' | Should -BeTrue -Because $dom
        [int] $Matches[1] | Should -BeLessThan 300
        [int] $Matches[2] | Should -BeGreaterThan 200
        [int] $Matches[3] | Should -BeLessOrEqual 360

        & $Chromium @flags --no-pdf-header-footer "--print-to-pdf=$folder/paper.pdf" "file://$($page.FullName)" 2>$null
        # Ten engines and the drawing: two pages at the most.
        [regex]::Matches([System.Text.Encoding]::Latin1.GetString([System.IO.File]::ReadAllBytes("$folder/paper.pdf")), '/Type\s*/Page\b').Count |
            Should -BeIn 1, 2
    }

    It 'runs its filter in a browser' -Skip:(-not $chromium) -ForEach @{ Chromium = $chromium } {
        $page = Export-ScanEngineTopology -DataPath $path -Path (Join-Path $folder 'browser.html')
        $flags = '--headless=new', '--no-sandbox', '--disable-gpu', "--user-data-dir=$(New-DataPath)", '--timeout=60000', '--dump-dom'
        $dom = (& $Chromium @flags "file://$($page.FullName)" 2>$null) -join "`n"
        $dom | Should -BeLike '*1000 engines shown*'
    }
}
