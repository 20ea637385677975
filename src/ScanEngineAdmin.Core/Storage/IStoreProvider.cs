namespace ScanEngineAdmin.Core.Storage;

/// <summary>Opens stores. Core knows no database: the host says which provider it uses.</summary>
public interface IStoreProvider
{
    /// <summary>Opens or makes the console's store in <paramref name="folder"/> (which exists).</summary>
    IConsoleStore OpenConsole(string folder);

    /// <summary>Opens or makes the engine's store in <paramref name="folder"/> (which exists).</summary>
    IEngineStore OpenEngine(string folder);
}
