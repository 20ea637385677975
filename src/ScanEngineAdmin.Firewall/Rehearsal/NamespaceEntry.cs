using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Enters a network namespace on a thread of its own, makes descriptors there and leaves again. Between entering and
/// leaving there are system calls and nothing else: a thread that the runtime starts from inside (for a task, a wait,
/// a collection, a compilation) would stay in the namespace for good. So everything is prepared and compiled before,
/// by the same code run once with arguments that do nothing.
/// </summary>
internal static class NamespaceEntry
{
    private const int First = 3;
    private static readonly nint Self = Marshal.StringToHGlobalAnsi("/proc/thread-self/ns/net");
    private static readonly nint Tunnel = Marshal.StringToHGlobalAnsi("/dev/net/tun");

    /// <summary>A new, empty namespace, and in it the descriptors of its filter's traces and of its devices.</summary>
    /// <exception cref="RehearsalException">The kernel refuses.</exception>
    public static SpaceDescriptors Create(int devices)
    {
        int[] made = Visit(-1, [], devices);
        return new SpaceDescriptors(
            made[0], made[2], [.. made[First..(First + devices)].Zip(made[(First + devices)..])]);
    }

    /// <summary>
    /// A TCP socket inside, owned by that user: the filter sees who made a socket, and nobody can change that later.
    /// </summary>
    /// <exception cref="RehearsalException">The kernel refuses.</exception>
    public static int Socket(int space, bool v4, SocketUser? user) => OwnerRights.Around(() => Visit(
        space,
        [
            v4 ? LinuxCalls.Inet : LinuxCalls.Inet6, (int)(user?.User ?? uint.MaxValue),
            (int)(user?.Group ?? uint.MaxValue), LinuxCalls.Stream,
        ],
        0)[0]);

    /// <summary>A socket inside that speaks to nobody: what it joins, the whole namespace hears.</summary>
    /// <exception cref="RehearsalException">The kernel refuses.</exception>
    public static int Listener(int space) => Visit(space, [LinuxCalls.Inet6, -1, -1, LinuxCalls.Datagram], 0)[0];

    // The namespace or the socket; errno; the netlink socket; then the devices and the packet sockets.
    private static int[] Visit(int space, int[] socket, int devices)
    {
        int[] made = new int[First + (2 * devices)];
        var thread = new Thread(() =>
        {
            Pass(-1, dry: true, socket, made);
            Array.Clear(made);
            Pass(space, dry: false, socket, made);
        })
        { IsBackground = true, Name = "Rehearsal" };
        thread.Start();
        thread.Join();
        return made[1] == 0 && made[0] >= 0 ? made : throw new RehearsalException(
            "No network namespace could be made or entered: "
            + Marshal.GetPInvokeErrorMessage(made[1]) + ".");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Pass(int space, bool dry, int[] socket, int[] made)
    {
        int home = LinuxCalls.Open(dry ? 0 : Self, LinuxCalls.CloseOnExec);
        int entered = space >= 0
            ? LinuxCalls.SetNamespace(space, LinuxCalls.NewNetwork)
            : LinuxCalls.Unshare(dry ? 0 : LinuxCalls.NewNetwork);
        int fault = Marshal.GetLastSystemError();
        if (entered != 0 && !dry)
        {
            made[0] = -1;
            made[1] = fault;
        }
        else if (socket.Length == 0)
        {
            made[0] = LinuxCalls.Open(dry ? 0 : Self, LinuxCalls.CloseOnExec);
            made[2] = LinuxCalls.Socket(
                dry ? -1 : LinuxCalls.Netlink, LinuxCalls.Raw | LinuxCalls.NonBlocking | LinuxCalls.CloseOnExec, 12);
            int devices = (made.Length - First) / 2;
            for (int i = 0; i < devices; i++)
            {
                made[First + i] = LinuxCalls.Open(
                    dry ? 0 : Tunnel, LinuxCalls.ReadWrite | LinuxCalls.NonBlocking | LinuxCalls.CloseOnExec);
                made[First + devices + i] = LinuxCalls.Socket(
                    dry ? -1 : LinuxCalls.Packet, LinuxCalls.Raw | LinuxCalls.NonBlocking | LinuxCalls.CloseOnExec, 0);
            }
        }
        else
        {
            // Of this thread only. The number that is no user changes nothing.
            int group = LinuxCalls.SetFileGroup(dry ? uint.MaxValue : (uint)socket[2]);
            int user = LinuxCalls.SetFileUser(dry ? uint.MaxValue : (uint)socket[1]);
            made[0] = LinuxCalls.Socket(
                dry ? -1 : socket[0], socket[3] | LinuxCalls.NonBlocking | LinuxCalls.CloseOnExec, 0);
            fault = Marshal.GetLastSystemError();
            _ = LinuxCalls.SetFileUser((uint)user);
            _ = LinuxCalls.SetFileGroup((uint)group);
            made[1] = made[0] < 0 ? fault : 0;
        }

        _ = LinuxCalls.SetNamespace(home, LinuxCalls.NewNetwork);
        _ = LinuxCalls.Close(home);
    }
}
