using System.Buffers.Binary;
using System.Text;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>
/// What a proof is made over: each field with its name and length, so that no two different lists are the same bytes.
/// </summary>
internal sealed class LabelledText
{
    private readonly List<byte> _bytes = [];

    /// <param name="protocol">What the proof is for: one of another kind never fits.</param>
    public LabelledText(string protocol) => Put("protocol", protocol);

    public void Put(string label, string value)
    {
        Write(label);
        Write(value);
    }

    public byte[] ToArray() => [.. _bytes];

    private void Write(string text)
    {
        byte[] encoded = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, encoded.Length);
        _bytes.AddRange(length);
        _bytes.AddRange(encoded);
    }
}
