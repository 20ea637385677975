@{
    Severity     = @('Error', 'Warning')
    IncludeRules = @('PS*')
    Rules        = @{
        PSUseCompatibleSyntax      = @{
            Enable         = $true
            TargetVersions = @('7.4', '7.6')
        }
        PSUseConsistentIndentation = @{
            Enable          = $true
            IndentationSize = 4
            Kind            = 'space'
        }
        PSUseConsistentWhitespace  = @{
            Enable = $true
        }
        PSAvoidLongLines           = @{
            Enable            = $true
            MaximumLineLength = 180
        }
    }
}
