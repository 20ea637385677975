using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>The Scan Engine's store in SQLite, by theme in the files beside this one.</summary>
internal sealed partial class EngineStore(Database database) : NodeStore(database), IEngineStore;
