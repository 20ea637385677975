using System.Net.Sockets;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Nodes;

public sealed class DoorbellTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task A_ring_is_heard()
    {
        using var heard = new SemaphoreSlim(0);
        await using Doorbell bell = Doorbell.Start(_temporary.Path, () => heard.Release());

        for (int i = 0; i < 3; i++)
        {
            Assert.True(await Ring());
            Assert.True(await heard.WaitAsync(Bound));
        }
    }

    [Fact]
    public async Task Nobody_listens_says_so()
    {
        Assert.False(await Ring());

        await Doorbell.Start(_temporary.Path, () => { }).DisposeAsync();

        Assert.False(await Ring());
    }

    [Fact]
    public async Task Many_rings_are_few_and_never_answered_at_once_and_the_last_is_not_lost()
    {
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        int inside = 0;
        int most = 0;
        await using Doorbell bell = Doorbell.Start(_temporary.Path, () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            entered.Release();
            leave.Wait(Bound);
            Interlocked.Decrement(ref inside);
        });

        await Ring();
        Assert.True(await entered.WaitAsync(Bound));
        for (int i = 0; i < 20; i++)
        {
            await Ring();
        }

        // What was rung while the first was being answered is answered once more, not twenty times.
        leave.Release();
        Assert.True(await entered.WaitAsync(Bound));
        leave.Release(100);
        Assert.Equal(1, most);
        Assert.True(entered.CurrentCount < 20);
    }

    // A socket in the file system, here and below; the pipe of Windows is none.
    [Fact, NeedsLinux]
    public async Task What_a_killed_process_left_is_replaced()
    {
        string left = DoorbellName.Of(_temporary.Path);
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(left));
            socket.Listen();
            File.Move(left, left + ".kept");
        }

        File.Move(left + ".kept", left);
        Assert.False(await Ring());

        using var heard = new SemaphoreSlim(0);
        await using Doorbell bell = Doorbell.Start(_temporary.Path, () => heard.Release());

        Assert.True(await Ring());
        Assert.True(await heard.WaitAsync(Bound));
    }

    [Fact, NeedsLinux]
    public async Task A_folder_too_deep_for_a_socket_has_a_doorbell_too()
    {
        string deep = _temporary.Below(new string('d', 120));
        Directory.CreateDirectory(deep);
        using var heard = new SemaphoreSlim(0);
        await using Doorbell bell = Doorbell.Start(deep, () => heard.Release());

        Assert.True(File.Exists(Path.Combine(deep, "doorbell")));
        Assert.True(await Doorbell.RingAsync(deep + Path.DirectorySeparatorChar, CancellationToken.None));
        Assert.True(await heard.WaitAsync(Bound));
        Assert.False(await Ring());
    }

    [Fact, NeedsLinux]
    public async Task A_node_whose_doorbell_cannot_be_made_is_told_why_and_goes_on()
    {
        Directory.CreateDirectory(Path.Combine(DoorbellName.Of(_temporary.Path), "not-empty"));
        var said = new List<string>();

        Assert.Null(Doorbell.TryStart(_temporary.Path, () => { }, _ => { }, e => said.Add(e.Message)));

        Assert.Single(said);
        Assert.False(await Ring());
    }

    [Fact, NeedsLinux]
    public async Task Only_the_owner_may_ring_through_the_file_system()
    {
        await using Doorbell bell = Doorbell.Start(_temporary.Path, () => { });

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            Unix.Mode(DoorbellName.Of(_temporary.Path)));
    }

    // The kernel takes a caller for whom no descriptor is left.
    [Fact, NeedsLinux]
    public async Task Out_of_descriptors_it_tries_now_and_then_says_so_once_and_hears_who_rang_meanwhile()
    {
        var time = new ManualTime();
        var pause = TimeSpan.FromMilliseconds(250);
        int tried = 0;
        bool full = true;
        var said = new List<string>();
        using var heard = new SemaphoreSlim(0);
        await using Doorbell bell = Doorbell.Start(
            _temporary.Path,
            () => heard.Release(),
            e => said.Add(e.Message),
            time,
            (pipe, token) =>
            {
                Interlocked.Increment(ref tried);
                return Volatile.Read(ref full)
                    ? Task.FromException(new SocketException((int)SocketError.TooManyOpenSockets))
                    : pipe.WaitForConnectionAsync(token);
            });

        for (int round = 0; round < 5; round++)
        {
            await time.ArmedAsync(pause);
            Assert.Equal(2 + round, Volatile.Read(ref tried));
            time.Advance(pause);
        }

        await time.ArmedAsync(pause);
        Assert.True(await heard.WaitAsync(Bound));
        Assert.Single(said);
        Assert.True(await Ring());
        Assert.Equal(0, heard.CurrentCount);

        Volatile.Write(ref full, false);
        time.Advance(pause);
        Assert.True(await heard.WaitAsync(Bound));
    }

    [Fact]
    public async Task Who_rings_without_end_is_taken_so_often_and_then_now_and_then()
    {
        var time = new ManualTime();
        int taken = 0;
        await using Doorbell bell = Doorbell.Start(
            _temporary.Path,
            () => { },
            null,
            time,
            (_, _) =>
            {
                Interlocked.Increment(ref taken);
                return Task.CompletedTask;
            });

        await time.ArmedAsync(TimeSpan.FromMilliseconds(10));
        int first = Volatile.Read(ref taken);
        Assert.InRange(first, 1, 200);
        time.Advance(TimeSpan.FromMilliseconds(10));
        await time.ArmedAsync(TimeSpan.FromMilliseconds(10));
        Assert.Equal(first + 1, Volatile.Read(ref taken));
    }

    private Task<bool> Ring() => Doorbell.RingAsync(_temporary.Path, CancellationToken.None).WaitAsync(Bound);
}
