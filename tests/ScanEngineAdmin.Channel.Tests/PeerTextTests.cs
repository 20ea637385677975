namespace ScanEngineAdmin.Channel.Tests;

public sealed class PeerTextTests
{
    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\u001b[2Jb")]
    [InlineData("a\u009bb")]
    [InlineData("a\u202eb")]
    [InlineData("a\u2028b")]
    [InlineData("a\u200bb")]
    [InlineData("a\udb40\udc41b")]
    [InlineData("a\0b")]
    public void What_moves_a_cursor_ends_a_line_or_hides_is_not_let_through(string text)
    {
        Assert.False(PeerText.IsLine(text, 100));
        string shown = PeerText.Line(text, 100);
        Assert.True(PeerText.IsLine(shown, 100));
        Assert.StartsWith("a ", shown, StringComparison.Ordinal);
        Assert.EndsWith("b", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_character_is_not_let_through()
    {
        // Not as a theory's data: an attribute cannot hold it.
        string text = string.Concat("a", "\ud83d\ude00".AsSpan(0, 1), "b");
        Assert.False(PeerText.IsLine(text, 100));
        Assert.Equal("a b", PeerText.Line(text, 100));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Plant 7, Hall B: 10.0.0.1")]
    [InlineData("Prüfstand Süd \ud83d\ude00 日本")]
    public void What_people_write_stays_as_it_is(string text)
    {
        Assert.True(PeerText.IsLine(text, 100));
        Assert.Same(text, PeerText.Line(text, 100));
    }

    [Fact]
    public void A_text_is_cut_and_never_in_the_middle_of_a_character() =>
        Assert.Equal("ab ", PeerText.Line("ab\ud83d\ude00", 3));
}
