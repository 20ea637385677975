@{
    RootModule        = 'ScheduledTasks.psm1'
    ModuleVersion     = '1.0.0.0'
    GUID              = '0b3c5f0e-3f5d-4c57-9a53-8a0f1c2f7a11'
    Author            = 'The ScanEngineAdmin team'
    Description       = 'Stands for the ScheduledTasks module of Windows in the tests.'
    FunctionsToExport = @(
        'New-ScheduledTaskAction', 'New-ScheduledTaskTrigger', 'New-ScheduledTaskPrincipal', 'New-ScheduledTaskSettingsSet'
        'Register-ScheduledTask', 'Get-ScheduledTask', 'Unregister-ScheduledTask', 'Reset-FakeScheduler'
    )
}
