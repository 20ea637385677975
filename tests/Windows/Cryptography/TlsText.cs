using System.Buffers.Binary;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;

namespace ScanEngineAdmin;

/// <summary>Test only: what is said in the handshake; names with a length of one byte, certificates of two.</summary>
internal static class TlsText
{
    public static byte[] Of(string target, IEnumerable<SslApplicationProtocol> protocols) =>
        [.. Short(Encoding.ASCII.GetBytes(target)), .. protocols.SelectMany(one => Short(one.Protocol.ToArray()))];

    public static (string Target, SslApplicationProtocol[] Protocols) Read(byte[] said)
    {
        var names = new List<byte[]>();
        for (int at = 0; at < said.Length; at += 1 + said[at])
        {
            names.Add(Part(said, at + 1, said[at]));
        }

        return names.Count > 0
            ? (Encoding.ASCII.GetString(names[0]), [.. names.Skip(1).Select(static n => new SslApplicationProtocol(n))])
            : throw new AuthenticationException("The hello is empty.");
    }

    public static byte[] OfCertificates(string protocol, X509Certificate2? shown, IReadOnlyList<byte[]>? others)
    {
        byte[][] all = shown is null ? [] : [shown.RawData, .. others ?? []];
        return [.. Short(Encoding.ASCII.GetBytes(protocol)), .. all.SelectMany(Long)];
    }

    public static (string Protocol, byte[][] Certificates) ReadCertificates(byte[] said)
    {
        byte[] protocol = Part(said, 1, said.Length > 0 ? said[0] : 0);
        var shown = new List<byte[]>();
        for (int at = 1 + protocol.Length; at < said.Length; at += 2 + shown[^1].Length)
        {
            shown.Add(Part(said, at + 2, BinaryPrimitives.ReadUInt16BigEndian(Part(said, at, 2))));
        }

        return (Encoding.ASCII.GetString(protocol), [.. shown]);
    }

    private static byte[] Short(byte[] text) => [(byte)text.Length, .. text];

    private static byte[] Long(byte[] text) => [(byte)(text.Length >> 8), (byte)text.Length, .. text];

    private static byte[] Part(byte[] said, int start, int length) => start + length <= said.Length
        ? said[start..(start + length)]
        : throw new AuthenticationException("The handshake is damaged.");
}
