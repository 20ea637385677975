using Newtonsoft.Json;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>
/// JSON that somebody else wrote, a peer or the owner of a store: every text in it is read as a line that may be shown,
/// whatever it is read into, and no list has a gap.
/// </summary>
internal sealed class LineJsonReader(TextReader text) : JsonTextReader(text)
{
    public override bool Read()
    {
        bool more = base.Read();
        Check();
        return more;
    }

    public override string? ReadAsString()
    {
        base.ReadAsString();
        Check();
        return (string?)Value;
    }

    private void Check()
    {
        if (TokenType == JsonToken.String && Value is string said && PeerText.Line(said, said.Length) is var shown
            && !ReferenceEquals(shown, said))
        {
            SetToken(JsonToken.String, shown, updateIndex: false);
        }
        else if (TokenType == JsonToken.Null && Path.EndsWith(']'))
        {
            throw new JsonSerializationException("A list has a gap.");
        }
    }
}
