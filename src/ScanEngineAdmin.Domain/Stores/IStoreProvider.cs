using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Domain.Stores;

/// <summary>Opens stores. Core knows no database: the host says which provider it uses.</summary>
internal interface IStoreProvider
{
    /// <summary>Reads cron expressions; its library is loaded as those of the stores are.</summary>
    ICronReader Cron { get; }

    /// <summary>Opens or makes the console's store in <paramref name="folder"/> (which exists).</summary>
    IConsoleStore OpenConsole(string folder);

    /// <summary>Opens or makes the engine's store in <paramref name="folder"/> (which exists).</summary>
    IEngineStore OpenEngine(string folder);

    /// <summary>
    /// Opens a console's store that is there, as it is, for a process that has more rights than the folder's owner:
    /// nothing is made, followed or migrated.
    /// </summary>
    /// <exception cref="ScanEngineException">StoreOlder; DataFolderInvalid: there is none, or a link.</exception>
    IConsoleStore AttachConsole(string folder);

    /// <summary>The same of an engine's store.</summary>
    IEngineStore AttachEngine(string folder);
}
