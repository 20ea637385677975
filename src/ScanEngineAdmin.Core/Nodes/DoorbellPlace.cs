using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// The name to bind or call a folder's doorbell by. A socket's name may have about a hundred bytes, and a folder more:
/// then the folder is opened, and the name is the short one that the kernel gives to what is open. So the bell always
/// hangs in the node's own folder, where nobody else can take its place.
/// </summary>
internal sealed class DoorbellPlace : IDisposable
{
    private const int PathOnly = 0x200000;
    private const int CloseOnExec = 0x80000;

    private readonly SafeFileHandle? _folder;

    /// <exception cref="IOException">This system has no short name for the folder.</exception>
    public DoorbellPlace(string folder)
    {
        Name = DoorbellName.Of(folder);
        if (!DoorbellName.IsTooLong(Name))
        {
            return;
        }

        if (!OperatingSystem.IsLinux())
        {
            throw new IOException($"The path of '{Name}' is too long for a socket.");
        }

        _folder = new SafeFileHandle(open(Path.GetFullPath(folder), PathOnly | CloseOnExec), ownsHandle: true);
        if (_folder.IsInvalid)
        {
            throw new IOException($"'{folder}' cannot be opened.");
        }

        Name = string.Create(
            CultureInfo.InvariantCulture, $"/proc/self/fd/{_folder.DangerousGetHandle()}/{Path.GetFileName(Name)}");
    }

    public string Name { get; }

    public void Dispose() => _folder?.Dispose();

#pragma warning disable IDE1006, SYSLIB1054 // Named as the C library does; generated code would need unsafe blocks.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
#pragma warning restore IDE1006, SYSLIB1054
}
