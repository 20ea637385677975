<#
.SYNOPSIS
    Writes the help topic about_ScanEngineAdmin_Errors from the table of error ids, docs/faults.md, so that there is one
    list of them. Run by build.ps1.
#>
param(
    # The table.
    [Parameter(Mandatory)]
    [string] $Table,

    # The topic to write.
    [Parameter(Mandatory)]
    [string] $Path
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Words in lines of at most 116 characters, with an indent.
function Format-Paragraph([string] $Text, [int] $Indent) {
    $line = ' ' * $Indent
    foreach ($word in ($Text -replace '[`*]' -replace '\[([^]]+)\]\([^)]+\)', '$1') -split ' ') {
        if ($line.Length + $word.Length -gt 116 -and $line.Trim()) {
            $line.TrimEnd()
            $line = ' ' * $Indent
        }

        $line += "$word "
    }

    $line.TrimEnd()
}

$lines = @(
    'TOPIC', '    about_ScanEngineAdmin_Errors', ''
    'SHORT DESCRIPTION', '    Every error id, what happened, and what to do.', ''
    'LONG DESCRIPTION'
    Format-Paragraph ('An error''s FullyQualifiedErrorId begins with its id: that is what scripts match on, with the category. Its message names ' +
        'what it happened to, and ErrorDetails.RecommendedAction fits its cause, more exactly than this list.') 4
    '', '        try {', '            Start-EngineScan lab-1 10.0.0.0/28 -ErrorAction Stop', '        } catch {'
    '            switch -Wildcard ($_.FullyQualifiedErrorId) {'
    '                ''EngineNotFound,*'' { ''not registered'' }'
    '                default { throw }', '            }', '        }'
)
foreach ($line in Get-Content -LiteralPath $Table) {
    if ($line -match '^## (.+)$') {
        $lines += '', $Matches[1].ToUpperInvariant()
    } elseif ($line -match '^\| `(\w+)` \| (\w+) \| (.+) \| (.+) \|$') {
        $id, $category, $what, $do = $Matches[1..4]
        $lines += "    $id ($category)"
        $lines += Format-Paragraph "$what $do" 8
    }
}

$lines += '', 'SEE ALSO', '    about_ScanEngineAdmin, about_ScanEngineAdmin_Automation', '', 'KEYWORDS', '    error, exception, FullyQualifiedErrorId'
[System.IO.File]::WriteAllText($Path, (($lines -join "`n") + "`n"))
