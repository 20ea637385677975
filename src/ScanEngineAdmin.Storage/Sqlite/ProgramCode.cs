using System.Reflection;
using System.Runtime.Loader;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>
/// The code that a store is used with, loaded as a whole. A program's code is loaded where it is first needed, and if
/// that fails, it fails for as long as the process lives. So nobody may first need it while he has the rights of a
/// user who cannot read the program's folder: also not the runtime's own threads that began meanwhile.
/// </summary>
internal static class ProgramCode
{
    private static readonly Lazy<int> All = new(Load);

    public static void LoadAll() => _ = All.Value;

    private static int Load()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var left = new Queue<Assembly>([typeof(ProgramCode).Assembly]);
        while (left.TryDequeue(out Assembly? assembly))
        {
            AssemblyLoadContext context = AssemblyLoadContext.GetLoadContext(assembly) ?? AssemblyLoadContext.Default;
            foreach (AssemblyName name in assembly.GetReferencedAssemblies().Where(name => seen.Add(name.FullName)))
            {
                if (TryLoad(context, name) is { } loaded)
                {
                    left.Enqueue(loaded);
                }
            }
        }

        // The database library looks for more when it is first used, and for its native one.
        using Session session = Session.Open(":memory:", TimeSpan.Zero);
        return seen.Count;
    }

    // What is named and not there is missed by nobody: the program runs without it with root's rights as well.
    private static Assembly? TryLoad(AssemblyLoadContext context, AssemblyName name)
    {
        try
        {
            return context.LoadFromAssemblyName(name);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException)
        {
            return null;
        }
    }
}
