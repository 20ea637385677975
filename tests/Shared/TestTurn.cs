namespace ScanEngineAdmin.Tests.Shared;

/// <summary>
/// The projects of one test run go side by side; those that need the machine for themselves take turns, by a locked
/// file of the checkout.
/// </summary>
internal static class TestTurn
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(45);

    /// <summary>
    /// Waits until it is this process' turn, which ends when what is returned is disposed or the process is gone.
    /// </summary>
    public static IDisposable Take()
    {
        string file = Path.Combine(CheckoutFolder.Root, "artifacts", "test-turn.lock");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        DateTime until = DateTime.UtcNow + Bound;
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (DateTime.UtcNow < until)
            {
                // Another process holds it, and says nothing when it lets go.
                Thread.Sleep(200);
            }
        }
    }
}
