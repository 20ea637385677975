using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Newtonsoft.Json;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Backup;

/// <summary>
/// The head of an export: in clear, so that it can be shown without the passphrase, and bound to every sealed piece, so
/// that a changed one is found. Laid out as docs/operations.md has it: a mark, a version, a length, JSON.
/// </summary>
internal sealed record ExportHeader
{
    public const byte Version = 1;

    private const int MaxLength = 4096;
    private const int MaxText = 128;

    // What a machine of today does in a fraction of a second; a head that asks for hours is none of ours.
    private const int Iterations = 600_000;
    private const int FewestIterations = 100_000;
    private const int MostIterations = 10_000_000;
    private const int SaltBytes = 16;
    private const int KeyBytes = 32;

    private static readonly byte[] Mark = "SEA-EXPORT"u8.ToArray();
    private static readonly JsonSerializer Json = JsonSerializer.Create(new JsonSerializerSettings
    {
        TypeNameHandling = TypeNameHandling.None,
        MetadataPropertyHandling = MetadataPropertyHandling.Ignore,
        DateParseHandling = DateParseHandling.None,
        MaxDepth = 4,
    });

    public required string Role { get; init; }

    public required Guid NodeId { get; init; }

    public required string Fingerprint { get; init; }

    public required bool HasIdentity { get; init; }

    public required string Created { get; init; }

    public required string MachineName { get; init; }

    public required string Product { get; init; }

    public required int KeyIterations { get; init; }

    public required byte[] Salt { get; init; }

    public static ExportHeader Of(
        Guid consoleId, Fingerprint fingerprint, bool hasIdentity, DateTimeOffset now) => new()
        {
            Role = nameof(NodeRole.Console),
            NodeId = consoleId,
            Fingerprint = fingerprint.Hex,
            HasIdentity = hasIdentity,
            Created = now.ToString("O", CultureInfo.InvariantCulture),
            MachineName = Environment.MachineName,
            Product = ProductVersion.Text,
            KeyIterations = Iterations,
            Salt = RandomNumberGenerator.GetBytes(SaltBytes),
        };

    /// <summary>The key that seals the rest; the passphrase itself is kept nowhere.</summary>
    public byte[] Key(ReadOnlySpan<byte> passphrase) => Rfc2898DeriveBytes.Pbkdf2(
        passphrase, Salt, KeyIterations, HashAlgorithmName.SHA256, KeyBytes);

    public byte[] ToBytes()
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Json.Serialize(text, this);
        byte[] json = Encoding.UTF8.GetBytes(text.ToString());
        byte[] bytes = new byte[Mark.Length + 1 + sizeof(int) + json.Length];
        Mark.CopyTo(bytes, 0);
        bytes[Mark.Length] = Version;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(Mark.Length + 1), json.Length);
        json.CopyTo(bytes, Mark.Length + 1 + sizeof(int));
        return bytes;
    }

    /// <summary>Reads the head, and gives its bytes for the binding.</summary>
    /// <exception cref="ScanEngineException">ExportInvalid, StoreNewer.</exception>
    public static async Task<(ExportHeader Header, byte[] Bytes)> ReadAsync(
        Stream file, string path, CancellationToken cancellationToken)
    {
        byte[] start = new byte[Mark.Length + 1 + sizeof(int)];
        int read = await file.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false);
        if (read < start.Length || !start.AsSpan(0, Mark.Length).SequenceEqual(Mark))
        {
            throw ExportFaults.Invalid(path, "it is no export of a Security Console");
        }

        if (start[Mark.Length] != Version)
        {
            throw ExportFaults.Newer(path, $"its format is version {start[Mark.Length]}, this product reads {Version}");
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(start.AsSpan(Mark.Length + 1));
        if (length is <= 0 or > MaxLength)
        {
            throw ExportFaults.Invalid(path, "its head is damaged");
        }

        byte[] bytes = new byte[start.Length + length];
        start.CopyTo(bytes, 0);
        read = await file.ReadAtLeastAsync(
            bytes.AsMemory(start.Length), length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        ExportHeader? header = read == length ? Parse(bytes.AsSpan(start.Length)) : null;
        if (header is null)
        {
            throw ExportFaults.Invalid(path, "its head is damaged");
        }

        return header.Role == nameof(NodeRole.Console)
            ? (header, bytes)
            : throw ExportFaults.Invalid(path, $"it is the export of a {PeerText.Line(header.Role, MaxText)}");
    }

    public ConsoleExport Describe(string path, long length) => new()
    {
        Path = path,
        ConsoleId = NodeId,
        Fingerprint = Channel.Fingerprint.Parse(Fingerprint),
        HasIdentity = HasIdentity,
        Created = DateTimeOffset.Parse(Created, CultureInfo.InvariantCulture),
        MachineName = PeerText.Line(MachineName, MaxText),
        Product = PeerText.Line(Product, MaxText),
        Length = length,
    };

    private static ExportHeader? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            using var text = new StringReader(Encoding.UTF8.GetString(json));
            using var reader = new JsonTextReader(text) { MaxDepth = 4 };
            ExportHeader? header = Json.Deserialize<ExportHeader>(reader);
            return header is { Salt.Length: SaltBytes, Role: not null, MachineName: not null, Product: not null }
                && header.KeyIterations is >= FewestIterations and <= MostIterations
                && Channel.Fingerprint.TryParse(header.Fingerprint, out _)
                && DateTimeOffset.TryParse(header.Created, CultureInfo.InvariantCulture, out _) ? header : null;
        }
        catch (Exception e) when (PeerJson.IsUnreadable(e))
        {
            return null;
        }
    }
}
