namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>A data folder for one test.</summary>
internal sealed class TemporaryData : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sea-module-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
