using FsCheck;
using FsCheck.Fluent;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Tests;

public sealed class CodecTests
{
    [Fact]
    public void Every_header_that_is_written_is_read_again() => Prop.ForAll<int, uint, byte>((length, id, kind) =>
    {
        length = Math.Abs(length % (ChannelProtocol.MaxPayload + 1));
        FrameKind[] kinds = Enum.GetValues<FrameKind>();
        FrameKind written = kind >= 0x80 ? (FrameKind)kind : kinds[kind % kinds.Length];
        byte[] bytes = new byte[FrameHeader.Size];
        new FrameHeader(length, written, id).Write(bytes);

        bool read = FrameHeader.TryRead(
            bytes, ChannelProtocol.MaxPayload, out FrameHeader header, out FrameError error);
        return read && error == FrameError.None
            && (header.Length, header.Kind, header.Id) == (length, written, id);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_header_that_lacks_a_byte_is_incomplete_whatever_it_says() => Prop.ForAll<byte[]>(bytes =>
    {
        ReadOnlySpan<byte> some = bytes.AsSpan(0, Math.Min(bytes.Length, FrameHeader.Size - 1));
        return !FrameHeader.TryRead(some, 0, out _, out FrameError error) && error == FrameError.Incomplete;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_length_above_the_ceiling_is_never_accepted() => Prop.ForAll<uint, ushort>((word, ceiling) =>
    {
        byte[] bytes = new byte[FrameHeader.Size];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, word);
        bool read = FrameHeader.TryRead(bytes, ceiling, out FrameHeader header, out FrameError error);
        bool above = word >> 8 > ceiling;
        return above ? !read && error == FrameError.TooLong : header.Length <= ceiling;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Only_kinds_of_the_upper_half_may_be_unknown()
    {
        for (int kind = 0; kind <= byte.MaxValue; kind++)
        {
            byte[] bytes = [0, 0, 0, (byte)kind, 0, 0, 0, 0];
            bool expected = kind >= 0x80 || Enum.IsDefined((FrameKind)kind);
            Assert.Equal(expected, FrameHeader.TryRead(bytes, 0, out _, out FrameError error));
            Assert.Equal(expected ? FrameError.None : FrameError.UnknownKind, error);
        }
    }

    [Fact]
    public void Garbage_as_a_payload_throws_nothing() => Prop.ForAll<byte[]>(bytes =>
    {
        bool open = FramePayload.TryReadOpen(bytes, out _, out uint credit, out ReadOnlySpan<byte> header);
        bool grant = FramePayload.TryReadCredit(bytes, out uint granted);
        bool code = FramePayload.TryReadCode(bytes, out _, out string text);
        bool request = FramePayload.TryReadRequest(bytes, out _, out ReadOnlySpan<byte> body);
        bool ping = FramePayload.TryReadPing(bytes, out _);
        return (!open || (header.Length == bytes.Length - 6 && credit <= int.MaxValue))
            && (!grant || (bytes.Length == 4 && granted is > 0 and <= int.MaxValue))
            && code == bytes.Length >= 2 && !text.Any(char.IsControl) && text.Length <= FramePayload.MaxText
            && request == bytes.Length >= 2 && (!request || body.Length == bytes.Length - 2)
            && ping == (bytes.Length == 8);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Code_and_text_come_back_without_control_characters() => Prop.ForAll<ushort, NonNull<string>>(
        (code, given) =>
    {
        IEnumerable<char> shown = given.Get.Where(c => c < 0x80 || char.IsControl(c) || char.IsLetter(c));
        string plain = new([.. shown.Take(FramePayload.MaxText)]);
        bool read = FramePayload.TryReadCode(FramePayload.Code(code, plain), out ushort back, out string text);
        return read && back == code && text == new string([.. plain.Select(c => char.IsControl(c) ? ' ' : c)]);
    }).QuickCheckThrowOnFailure();
}
