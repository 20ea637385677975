using System.Security.AccessControl;
using System.Security.Principal;
using System.Text;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>Writes a file that nobody else may read, from its first byte on.</summary>
internal static class KeyFile
{
    internal static void Write(string path, string text)
    {
        // Only a process killed while it wrote leaves one behind; its mode may not be trusted, so it is made anew.
        File.Delete(path);
        using FileStream file = OperatingSystem.IsWindows()
            ? CreateOnWindows(path)
            : new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        file.Write(Encoding.ASCII.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    // %ProgramData% hands read access down to every user, so what it hands down is cut off here.
    [System.Runtime.Versioning.SupportedOSPlatform("windows")]
    private static FileStream CreateOnWindows(string path)
    {
        var security = new FileSecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        using var user = WindowsIdentity.GetCurrent();
        var administrators = new SecurityIdentifier(WellKnownSidType.BuiltinAdministratorsSid, null);
        var system = new SecurityIdentifier(WellKnownSidType.LocalSystemSid, null);
        foreach (SecurityIdentifier? who in new[] { user.User, administrators, system })
        {
            if (who is not null)
            {
                security.AddAccessRule(
                    new FileSystemAccessRule(who, FileSystemRights.FullControl, AccessControlType.Allow));
            }
        }

        return new FileInfo(path).Create(
            FileMode.CreateNew, FileSystemRights.Write, FileShare.None, 4096, FileOptions.None, security);
    }
}
