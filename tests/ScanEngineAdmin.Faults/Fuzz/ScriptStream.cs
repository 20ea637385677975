using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Fuzz;

/// <summary>A connection whose other end has said all it will say, and takes whatever it is told.</summary>
internal sealed class ScriptStream(byte[] script, int piece) : AsyncStream
{
    private int _at;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = Math.Min(Math.Min(buffer.Length, script.Length - _at), piece);
        script.AsMemory(_at, count).CopyTo(buffer);
        _at += count;
        return new ValueTask<int>(count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        default;
}
