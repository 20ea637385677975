using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>What the system knows of a user.</summary>
/// <param name="Name">The name to log in with.</param>
/// <param name="Group">The group of new files.</param>
internal sealed record UnixAccount(string Name, uint Group)
{
    private const int EntryBytes = 128;
    private const int TextBytes = 64 * 1024;
    private const int MostMembers = 1024;

    /// <summary>Whether the group has the user's own name and no other member.</summary>
    public bool IsAloneInGroup => Ask(
        (entry, text) => getgrgid_r(Group, entry, text, TextBytes, out nint found) == 0 && found != 0,
        entry => Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(entry)) == Name
            && Members(Marshal.ReadIntPtr(entry, 3 * IntPtr.Size))
                .All(member => member == Name));

    /// <summary>Null where the system does not know the user.</summary>
    public static UnixAccount? Of(uint user) => Ask(
        (entry, text) => getpwuid_r(user, entry, text, TextBytes, out nint found) == 0 && found != 0,
        static entry => Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(entry)) is { } name
            ? new UnixAccount(name, (uint)Marshal.ReadInt32(entry, (2 * IntPtr.Size) + sizeof(uint)))
            : null);

    private static T? Ask<T>(Func<nint, nint, bool> ask, Func<nint, T> read)
    {
        nint memory = Marshal.AllocHGlobal(EntryBytes + TextBytes);
        try
        {
            return ask(memory, memory + EntryBytes) ? read(memory) : default;
        }
        finally
        {
            Marshal.FreeHGlobal(memory);
        }
    }

    private static IEnumerable<string?> Members(nint list)
    {
        for (int i = 0; i < MostMembers && Marshal.ReadIntPtr(list, i * IntPtr.Size) is not 0 and var member; i++)
        {
            yield return Marshal.PtrToStringUTF8(member);
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // Named as the C library does; generated code would need unsafe blocks.
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getpwuid_r(uint user, nint entry, nint text, nint room, out nint found);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getgrgid_r(uint group, nint entry, nint text, nint room, out nint found);
#pragma warning restore IDE1006, SYSLIB1054
}
