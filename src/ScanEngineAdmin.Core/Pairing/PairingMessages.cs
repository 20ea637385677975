using Newtonsoft.Json;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>The dialler's first message: with a secret's id to pair by it, without one to ask for approval.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record PairingBegin : IIntroduction
{
    [JsonProperty(Required = Required.Default)]
    public Guid? SecretId { get; init; }

    [JsonProperty(Required = Required.Default)]
    public byte[]? Nonce { get; init; }

    public required Guid NodeId { get; init; }

    public required NodeRole Role { get; init; }

    public required string Name { get; init; }

    public required string EngineName { get; init; }

    public required CommunicationDirection Direction { get; init; }

    public required string Product { get; init; }

    /// <summary>The console numbers the pairing, whichever side it is.</summary>
    [JsonProperty(Required = Required.Default)]
    public Guid? PairingId { get; init; }

    [JsonProperty(Required = Required.Default)]
    public long? Epoch { get; init; }

    /// <summary>Of an approval: the dialler's admin has confirmed the identity that was met.</summary>
    [JsonProperty(Required = Required.Default)]
    public bool Confirmed { get; init; }
}

/// <summary>The maker's answer to a begin with a secret; says nothing of whether it knows the secret.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record PairingChallenge : IIntroduction
{
    public required byte[] Nonce { get; init; }

    public required Guid NodeId { get; init; }

    public required NodeRole Role { get; init; }

    public required string Name { get; init; }

    public required string Product { get; init; }

    public required Guid PairingId { get; init; }

    public required long Epoch { get; init; }
}

/// <summary>The user's proof.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record PairingProve
{
    public required byte[] Proof { get; init; }
}

/// <summary>The maker's proof; it has recorded the pairing.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record PairingDone
{
    public required byte[] Proof { get; init; }
}

/// <summary>The answer to a begin without a secret.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record ApprovalStatus : IIntroduction
{
    /// <summary>The answering side's admin has confirmed the asker.</summary>
    public required bool Approved { get; init; }

    public required Guid NodeId { get; init; }

    public required NodeRole Role { get; init; }

    public required string Name { get; init; }

    public required string Product { get; init; }

    public required Guid PairingId { get; init; }
}
