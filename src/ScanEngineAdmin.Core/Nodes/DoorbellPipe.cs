using System.IO.Pipes;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>Makes the pipe of a doorbell.</summary>
internal static class DoorbellPipe
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everybody = UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    // Whoever opens holds the folder's lock, so what is found under the name was left by a process that is gone; and
    // only the folder's owner may write into it, so nothing else has the name when its mode is set.
    public static NamedPipeServerStream Open(string name, bool forEverybody)
    {
        if (OperatingSystem.IsWindows())
        {
            return OpenOnWindows(name, forEverybody);
        }

        var pipe = new NamedPipeServerStream(
            name, PipeDirection.Out, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
        File.SetUnixFileMode(name, forEverybody ? OwnerOnly | Everybody : OwnerOnly);
        return pipe;
    }

    // Without it everybody may ring, from the network too.
    [SupportedOSPlatform("windows")]
    private static NamedPipeServerStream OpenOnWindows(string name, bool forEverybody)
    {
        var security = new PipeSecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        Add(WellKnownSidType.NetworkSid, PipeAccessRights.FullControl, AccessControlType.Deny);
        Add(WellKnownSidType.BuiltinAdministratorsSid, PipeAccessRights.FullControl, AccessControlType.Allow);
        Add(WellKnownSidType.LocalSystemSid, PipeAccessRights.FullControl, AccessControlType.Allow);
        if (forEverybody)
        {
            Add(
                WellKnownSidType.AuthenticatedUserSid, PipeAccessRights.Read | PipeAccessRights.Synchronize,
                AccessControlType.Allow);
        }

        using var user = WindowsIdentity.GetCurrent();
        if (user.User is { } self)
        {
            security.AddAccessRule(new PipeAccessRule(self, PipeAccessRights.FullControl, AccessControlType.Allow));
        }

        return NamedPipeServerStreamAcl.Create(
            name, PipeDirection.Out, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous, 0, 0, security);

        void Add(WellKnownSidType who, PipeAccessRights rights, AccessControlType kind) =>
            security.AddAccessRule(new PipeAccessRule(new SecurityIdentifier(who, null), rights, kind));
    }
}
