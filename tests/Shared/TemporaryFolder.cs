namespace ScanEngineAdmin.Tests.Shared;

/// <summary>A folder of one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sea-");

    public string Path => _folder.FullName;

    public string Below(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        for (int left = 100; ; left--)
        {
            try
            {
                _folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (left > 0)
            {
                // Something still wrote into it while it was emptied, and tells nobody when it is through.
                Thread.Sleep(50);
            }
        }
    }
}
