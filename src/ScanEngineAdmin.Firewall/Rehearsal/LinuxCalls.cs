using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// The system calls of a rehearsal. Only plain numbers cross, so that nothing is allocated or converted on the way:
/// some of them run on a thread inside another namespace, where managed code must not start a thread.
/// </summary>
internal static class LinuxCalls
{
    public const int NewNetwork = 0x40000000;
    public const int CloseOnExec = 0x80000;
    public const int NonBlocking = 0x800;
    public const int ReadWrite = 2;
    public const int Inet = 2;
    public const int Inet6 = 10;
    public const int Netlink = 16;
    public const int Packet = 17;
    public const int Stream = 1;
    public const int Datagram = 2;
    public const int Raw = 3;
    public const short ReadyToRead = 1;
    public const short ReadyToWrite = 4;

    private const string Library = "libc";

    [DllImport(Library, EntryPoint = "unshare")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Unshare(int flags);

    [DllImport(Library, EntryPoint = "setns")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int SetNamespace(int descriptor, int kind);

    [DllImport(Library, EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Open(nint path, int flags);

    [DllImport(Library, EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern nint Call(nint number, nint command, byte[] argument, nint length);

    [DllImport(Library, EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Close(int descriptor);

    [DllImport(Library, EntryPoint = "socket")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Socket(int domain, int type, int protocol);

    [DllImport(Library, EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int SetFileUser(uint user);

    [DllImport(Library, EntryPoint = "setfsgid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int SetFileGroup(uint group);

    [DllImport(Library, EntryPoint = "ioctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Control(int descriptor, nuint request, byte[] argument);

    [DllImport(Library, EntryPoint = "setsockopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int SetOption(int descriptor, int level, int name, byte[] value, uint length);

    [DllImport(Library, EntryPoint = "getsockopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int GetOption(int descriptor, int level, int name, byte[] value, ref uint length);

    [DllImport(Library, EntryPoint = "bind")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Bind(int descriptor, byte[] address, uint length);

    [DllImport(Library, EntryPoint = "listen")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Listen(int descriptor, int backlog);

    [DllImport(Library, EntryPoint = "accept4")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Accept(int descriptor, nint address, nint length, int flags);

    [DllImport(Library, EntryPoint = "connect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Connect(int descriptor, byte[] address, uint length);

    [DllImport(Library, EntryPoint = "read")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern nint Read(int descriptor, byte[] buffer, nuint length);

    [DllImport(Library, EntryPoint = "write")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern nint Write(int descriptor, byte[] buffer, nuint length);

    [DllImport(Library, EntryPoint = "poll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Poll(ref Waiting waiting, nuint count, int milliseconds);

    /// <summary>One descriptor to wait for, as poll has it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Waiting
    {
        public int Descriptor;
        public short Wanted;
        public short Ready;
    }
}
