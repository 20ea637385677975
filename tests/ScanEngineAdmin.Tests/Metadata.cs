using System.Reflection;
using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Tests;

/// <summary>Reads assemblies without running them: PowerShell's reference assembly is hollow.</summary>
internal sealed class Metadata : IDisposable
{
    private readonly MetadataLoadContext _context;

    public Metadata()
    {
        string[] runtime = Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll");
        string[] own = Directory.GetFiles(AppContext.BaseDirectory, "*.dll");
        IEnumerable<string> known = runtime.Concat(own).DistinctBy(Path.GetFileName);
        _context = new MetadataLoadContext(new PathAssemblyResolver(known));
    }

    public Assembly Load(string path) => _context.LoadFromAssemblyPath(path);

    public void Dispose() => _context.Dispose();
}
