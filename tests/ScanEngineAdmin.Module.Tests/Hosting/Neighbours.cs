using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Data.Sqlite;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>
/// What else a runbook worker or a service has loaded before the module comes: a SQLite of its own, a Newtonsoft.Json
/// newer than the module was built with, and an old one in a load context of its own.
/// </summary>
internal static class Neighbours
{
    private static readonly Lazy<Assembly> Old = new(LoadOld);

    /// <summary>The old Newtonsoft.Json that lies in a context of its own.</summary>
    public static Assembly OldJson => Old.Value;

    /// <summary>The process' own SQLite, asked for something only a working one knows.</summary>
    public static string AskSqlite()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT 'neighbour ' || (40 + 2)";
        return (string)command.ExecuteScalar()!;
    }

    public static string AskJson() => Newtonsoft.Json.JsonConvert.SerializeObject(new { Neighbour = 42 });

    /// <summary>Loads all of them. Called before the module is imported for the first time.</summary>
    public static void Load()
    {
        _ = AskSqlite();
        _ = AskJson();
        _ = OldJson;
    }

    private static Assembly LoadOld()
    {
        Assembly old = new AssemblyLoadContext("an old neighbour").LoadFromAssemblyPath(TestMachine.OldNewtonsoft);
        MethodInfo serialize = old.GetType("Newtonsoft.Json.JsonConvert", throwOnError: true)!
            .GetMethod("SerializeObject", [typeof(object)])!;
        return (string?)serialize.Invoke(null, [42]) == "42"
            ? old
            : throw new InvalidOperationException("The old one does not work.");
    }
}
