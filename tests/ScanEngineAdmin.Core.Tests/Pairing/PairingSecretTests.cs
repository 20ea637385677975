using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Pairing;

namespace ScanEngineAdmin.Core.Tests.Pairing;

public sealed class PairingSecretTests
{
    private static readonly Fingerprint Maker = Fingerprint.Parse(new string('a', 64));

    [Fact]
    public void The_text_is_eight_groups_and_the_makers_fingerprint()
    {
        Assert.Matches("^([0-9A-F]{4}-){7}[0-9A-F]{4}@a{64}$", PairingSecret.Create(Maker).Reveal());
    }

    [Fact]
    public void The_text_gives_the_same_secret_back_as_mail_and_chat_leave_it()
    {
        PairingSecret secret = PairingSecret.Create(Maker);
        string text = secret.Reveal();
        string[] left =
        [
            text,
            text.ToLowerInvariant(),
            $"  {text}\r\n",
            text.Replace("@", "\n@ ", StringComparison.Ordinal),
            text.Insert(20, "\r\n\t"),
        ];

        foreach (string one in left)
        {
            Assert.True(PairingSecret.TryParse(one, out PairingSecret? read));
            Assert.Equal(secret.SecretId, read.SecretId);
            Assert.Equal(Maker, read.Maker);
            Assert.Equal(text, read.Reveal());
            Assert.Equal(secret.ClientKey(), read.ClientKey());
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2942-F7FB")]
    [InlineData("0000-0000-0000-0000-0000-0000-0000-0000")]
    [InlineData("0000-0000-0000-0000-0000-0000-0000-0000@abcd")]
    [InlineData("00000000000000000000000000000000@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData(
        "0000-0000-0000-0000-0000-0000-0000-000G@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData(
        "0000-0000-0000-0000-0000-0000-0000-0000-0000@"
        + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void What_is_no_secret_is_not_read(string? text)
    {
        Assert.False(PairingSecret.TryParse(text, out _));
    }

    [Fact]
    public void No_two_secrets_are_alike_and_nothing_kept_or_sent_shows_the_secret()
    {
        PairingSecret one = PairingSecret.Create(Maker);
        PairingSecret other = PairingSecret.Create(Maker);
        SecretRecord record = one.ToRecord(DateTimeOffset.UnixEpoch, TimeSpan.FromHours(1), null, 20);
        string bits = one.Reveal()[..39].Replace("-", string.Empty, StringComparison.Ordinal);

        Assert.NotEqual(one.SecretId, other.SecretId);
        Assert.NotEqual(one.Reveal(), other.Reveal());
        Assert.DoesNotContain(bits, Convert.ToHexString(record.StoredKey), StringComparison.Ordinal);
        Assert.DoesNotContain(bits, Convert.ToHexString(record.ServerKey), StringComparison.Ordinal);
        Assert.NotEqual(bits, record.SecretId.ToString("N").ToUpperInvariant());
        Assert.NotEqual(one.ClientKey(), record.StoredKey);
        Assert.DoesNotContain(bits[..4], one.ToString()!, StringComparison.Ordinal);
    }
}
