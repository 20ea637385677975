using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>PowerShell inside of this process with the module imported, as a service hosts it.</summary>
internal sealed class HostedPowerShell : IDisposable
{
    public HostedPowerShell(PSHost? host = null, PSLanguageMode language = PSLanguageMode.FullLanguage)
    {
        InitialSessionState state = StateWithModule();
        state.LanguageMode = language;
        Runspace = host is null ? RunspaceFactory.CreateRunspace(state) : RunspaceFactory.CreateRunspace(host, state);
        Runspace.Open();
    }

    public Runspace Runspace { get; }

    /// <summary>A session that imports the module when it opens, and does not open where it cannot.</summary>
    public static InitialSessionState StateWithModule()
    {
        Neighbours.Load();
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([TestMachine.Manifest]);
        state.ThrowOnRunspaceOpenError = true;
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        }

        return state;
    }

    /// <summary>Runs a script; an error of any kind fails the test.</summary>
    public Collection<PSObject> Run(string script, object? parameters = null)
    {
        using PowerShell shell = Make(script, parameters);
        Collection<PSObject> output = shell.Invoke();
        if (shell.HadErrors)
        {
            throw new InvalidOperationException(string.Join('\n', shell.Streams.Error.Select(error =>
                $"{error.FullyQualifiedErrorId}: {error} {error.ErrorDetails?.RecommendedAction} "
                + error.ScriptStackTrace)));
        }

        return output;
    }

    /// <summary>The one value that a script returns.</summary>
    public T Get<T>(string script, object? parameters = null) =>
        LanguagePrimitives.ConvertTo<T>(Run(script, parameters).Single());

    /// <summary>A script that is ready to be run, with the properties of an object as its parameters.</summary>
    public PowerShell Make(string script, object? parameters = null)
    {
        var shell = PowerShell.Create(Runspace);
        shell.AddScript(script);
        foreach (System.Reflection.PropertyInfo property in parameters?.GetType().GetProperties() ?? [])
        {
            shell.AddParameter(property.Name, property.GetValue(parameters));
        }

        return shell;
    }

    public void Dispose() => Runspace.Dispose();
}
