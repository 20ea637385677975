@{
    Severity     = @('Error', 'Warning')
    ExcludeRules = @(
        # A build script and a test runner talk to whoever runs them.
        'PSAvoidUsingWriteHost'
        # The editorconfig says UTF-8 without a mark, which PowerShell 7 reads.
        'PSUseBOMForUnicodeEncodedFile'
        # It does not see a parameter that a function of the script uses, nor a value that a test's -ForEach does.
        'PSReviewUnusedParameter'
        'PSUseDeclaredVarsMoreThanAssignments'
        # The suites' own functions change nothing of the user's.
        'PSUseShouldProcessForStateChangingFunctions'
    )
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
        PSAvoidLongLines           = @{
            Enable            = $true
            MaximumLineLength = 180
        }
    }
}
