using System.Buffers.Binary;
using System.Security.Cryptography;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Backup;

/// <summary>Reads what <see cref="SealedWriter"/> wrote; nothing is given out that was not checked first.</summary>
internal sealed class SealedReader(Stream input, string path, byte[] key, byte[] head) : IDisposable
{
    private readonly AesGcm _cipher = SealedWriter.Cipher(key, AesGcm.IsSupported);
    private readonly byte[] _binding = [.. SHA256.HashData(head), .. new byte[sizeof(uint)]];
    private readonly byte[] _sealed = new byte[SealedWriter.PieceBytes + SealedWriter.TagBytes];
    private readonly byte[] _piece = new byte[SealedWriter.PieceBytes];
    private int _at;
    private int _length;
    private ulong _number;
    private bool _last;

    /// <summary>Fills the buffer.</summary>
    /// <exception cref="ScanEngineException">ExportPassphraseWrong, ExportInvalid.</exception>
    public async ValueTask ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            int taken = await ReadSomeAsync(buffer, cancellationToken).ConfigureAwait(false);
            buffer = buffer[taken..];
        }
    }

    /// <summary>Takes at least one byte.</summary>
    public async ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (_at == _length)
        {
            if (_last)
            {
                throw Damaged();
            }

            await OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        int taken = Math.Min(buffer.Length, _length - _at);
        _piece.AsMemory(_at, taken).CopyTo(buffer);
        _at += taken;
        return taken;
    }

    /// <summary>That the last piece is used up, and nothing stands behind it.</summary>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (!_last || _at < _length
            || await input.ReadAsync(_sealed.AsMemory(0, 1), cancellationToken).ConfigureAwait(false) != 0)
        {
            throw Damaged();
        }
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_piece);
        _cipher.Dispose();
    }

    private async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        await FillAsync(_sealed.AsMemory(0, sizeof(uint)), cancellationToken).ConfigureAwait(false);
        uint framed = BinaryPrimitives.ReadUInt32BigEndian(_sealed);
        uint length = framed & ~SealedWriter.Last;
        if (length > SealedWriter.PieceBytes)
        {
            throw Damaged();
        }

        await FillAsync(_sealed.AsMemory(0, (int)length + SealedWriter.TagBytes), cancellationToken)
            .ConfigureAwait(false);
        byte[] nonce = new byte[SealedWriter.NonceBytes];
        SealedWriter.Frame(nonce, _binding, _number, framed);
        try
        {
            _cipher.Decrypt(
                nonce,
                _sealed.AsSpan(0, (int)length),
                _sealed.AsSpan((int)length, SealedWriter.TagBytes),
                _piece.AsSpan(0, (int)length),
                _binding);
        }
        catch (CryptographicException)
        {
            // Of the first piece it cannot be told which of the two it is.
            throw _number == 0 ? ExportFaults.Sealed(path) : Damaged();
        }

        (_at, _length, _last) = (0, (int)length, (framed & SealedWriter.Last) != 0);
        _number++;
    }

    private async ValueTask FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int read = await input.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false);
        if (read < buffer.Length)
        {
            throw ExportFaults.Invalid(path, "it is cut off");
        }
    }

    private ScanEngineException Damaged() => ExportFaults.Invalid(path, "it is damaged or was changed");
}
