using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>The errors of export and import.</summary>
internal static class ExportFaults
{
    public static ScanEngineException Invalid(string path, string why, Exception? cause = null) => new(
        FaultCode.ExportInvalid,
        $"'{path}' cannot be imported: {why}. Nothing was changed.",
        "Use another export; one is made with Export-SecurityConsole on the console's host.",
        path,
        cause);

    public static ScanEngineException Newer(string path, string why) => new(
        FaultCode.StoreNewer,
        $"'{path}' was made by a newer version of ScanEngineAdmin: {why}. Nothing was changed.",
        "Install that version or a later one with Update-Module ScanEngineAdmin, then import it again.",
        path);

    public static ScanEngineException Sealed(string path) => new(
        FaultCode.ExportPassphraseWrong,
        $"'{path}' does not open with this passphrase, or its beginning was changed. Nothing was changed here.",
        "Type the passphrase again: Import-SecurityConsole asks for it when none is given.",
        path);

    public static ScanEngineException Exists(string path) => new(
        FaultCode.ExportExists,
        $"There is a file '{path}' already.",
        "Name another one, or replace it with -Force.",
        path);

    public static ScanEngineException NoPlace(string path) => new(
        FaultCode.OptionInvalid,
        Directory.Exists(path) ? $"'{path}' is a folder." : $"There is no folder '{Path.GetDirectoryName(path)}'.",
        "Name a file in a folder that is there.",
        path);

    public static ScanEngineException Inside(string path) => new(
        FaultCode.OptionInvalid,
        $"'{path}' is in the console's own folder.",
        "Name a file elsewhere, best on another disk: there it could replace the console, and is lost with it.",
        path);

    public static ScanEngineException ConsoleExists(string folder) => new(
        FaultCode.ConsoleExists,
        $"There is a Security Console in '{folder}' already.",
        "Import into another folder with -DataPath, or replace it with -Force (what is there is kept beside).",
        folder);

    public static ScanEngineException Passphrase(int least) => new(
        FaultCode.OptionInvalid,
        $"The passphrase is shorter than {least} characters.",
        "The file holds the console's key: use a long passphrase, and keep it apart from the file.");

    public static ScanEngineException NoCipher() => new(
        FaultCode.OptionInvalid,
        "This system's library for cryptography has no AES-GCM, with which exports are sealed. Nothing was changed.",
        "Export and import on a system that has it (a current OpenSSL), or copy the data folder of the stopped console.");

    public static ScanEngineException NoIdentity(string path, string folder, string why) => new(
        FaultCode.ExportInvalid,
        $"'{path}' holds no identity, and {why}. Nothing was changed.",
        $"Put the console's own node.* files into '{folder}' first, or use an export that was made with its identity.",
        path);

    public static ScanEngineException Busy(string folder) => new(
        FaultCode.StoreLocked,
        $"Another export or import works on '{folder}'.",
        "Wait until it has ended, and try again.",
        folder);

    public static ScanEngineException Open(string folder, string name, Exception cause) => new(
        FaultCode.StoreLocked,
        $"Another session has '{name}' in '{folder}' open. Nothing was changed.",
        "Close the other PowerShell sessions that work on this console, and import again.",
        folder,
        cause);

    /// <summary>
    /// What was decided could not be done to its end: the new files wait in the folder, and whoever opens it next goes
    /// on.
    /// </summary>
    public static ScanEngineException Unfinished(string folder, Exception cause) => new(
        FullDisk.Is(cause) ? FaultCode.StoreFull : FaultCode.DataFolderNotWritable,
        $"The import into '{folder}' was begun and could not be finished: {cause.Message} Nothing of the old console or "
            + "the new one is lost.",
        "Free space on that disk, or give its owner the right to write there. Whoever opens the folder next "
            + "(Get-SecurityConsole) finishes it.",
        folder,
        cause);

    /// <summary>A file could not be read or written; a full disk has its own name.</summary>
    public static ScanEngineException Disk(string path, Exception cause) => FullDisk.Is(cause)
        ? FullDisk.Fault(path, cause)
        : new ScanEngineException(
            FaultCode.DataFolderNotWritable,
            $"'{path}' cannot be read or written: {cause.Message}",
            "Run as the user who owns the data folder, and name a file in a folder that this user may write.",
            path,
            cause);
}
