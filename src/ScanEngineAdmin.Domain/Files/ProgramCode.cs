using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// The code that something is done with, loaded as a whole. A program's code is loaded where it is first needed, and if
/// that fails, it fails for as long as the process lives. So nobody may first need it while he has the rights of a
/// user who cannot read the program's folder: also not the runtime's own threads that began meanwhile.
/// </summary>
internal static class ProgramCode
{
    private static readonly ConcurrentDictionary<Assembly, Lazy<int>> Loaded = new();

    /// <summary>Loads an assembly and all that it refers to.</summary>
    public static void LoadAll(Assembly root) =>
        _ = Loaded.GetOrAdd(root, static assembly => new Lazy<int>(() => Load(assembly))).Value;

    private static int Load(Assembly root)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var left = new Queue<Assembly>([root]);
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
