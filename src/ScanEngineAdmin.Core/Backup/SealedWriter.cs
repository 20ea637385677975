using System.Buffers.Binary;
using System.Security.Cryptography;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Backup;

/// <summary>
/// Writes a stream as sealed pieces (AES-256-GCM). Each is bound to the head, to its number and to whether it is the
/// last, so that none can be changed, left out, swapped or cut off unseen. The key is of this one file, so a counter is
/// a nonce.
/// </summary>
internal sealed class SealedWriter(Stream output, byte[] key, byte[] head) : IDisposable
{
    public const int PieceBytes = 64 * 1024;
    public const int TagBytes = 16;
    public const int NonceBytes = 12;
    public const uint Last = 0x8000_0000;

    private readonly AesGcm _cipher = Cipher(key, AesGcm.IsSupported);
    private readonly byte[] _binding = [.. SHA256.HashData(head), .. new byte[sizeof(uint)]];
    private readonly byte[] _piece = new byte[PieceBytes];
    private readonly byte[] _sealed = new byte[sizeof(uint) + PieceBytes + TagBytes];
    private int _used;
    private ulong _number;

    /// <summary>The one place where the cipher is made, for both ends.</summary>
    /// <exception cref="Domain.Faults.ScanEngineException">OptionInvalid: this system has none.</exception>
    public static AesGcm Cipher(byte[] key, bool isSupported) =>
        isSupported ? new AesGcm(key, TagBytes) : throw ExportFaults.NoCipher();

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            if (_used == PieceBytes)
            {
                await SealAsync(0, cancellationToken).ConfigureAwait(false);
            }

            int taken = Math.Min(PieceBytes - _used, bytes.Length);
            bytes[..taken].CopyTo(_piece.AsMemory(_used));
            _used += taken;
            bytes = bytes[taken..];
        }
    }

    public ValueTask FinishAsync(CancellationToken cancellationToken) => SealAsync(Last, cancellationToken);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_piece);
        _cipher.Dispose();
    }

    /// <summary>The nonce and the binding of a piece; both ends work them out alike.</summary>
    public static void Frame(Span<byte> nonce, Span<byte> binding, ulong number, uint length)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[sizeof(uint)..], number);
        BinaryPrimitives.WriteUInt32BigEndian(binding[^sizeof(uint)..], length);
    }

    private async ValueTask SealAsync(uint last, CancellationToken cancellationToken)
    {
        uint length = (uint)_used | last;
        byte[] nonce = new byte[NonceBytes];
        Frame(nonce, _binding, _number++, length);
        BinaryPrimitives.WriteUInt32BigEndian(_sealed, length);
        _cipher.Encrypt(
            nonce,
            _piece.AsSpan(0, _used),
            _sealed.AsSpan(sizeof(uint), _used),
            _sealed.AsSpan(sizeof(uint) + _used, TagBytes),
            _binding);
        await output.WriteAsync(_sealed.AsMemory(0, sizeof(uint) + _used + TagBytes), cancellationToken)
            .ConfigureAwait(false);
        _used = 0;
    }
}
