namespace ScanEngineAdmin.Faults.Fuzz;

/// <summary>Makes the next input: mostly a known one, changed; sometimes one of the grammar's words alone.</summary>
internal sealed class Mutator(FuzzTarget target, FuzzRandom random)
{
    private static readonly byte[] Edges = [0, 1, 2, 0x0A, 0x1B, 0x20, 0x7F, 0x80, 0xC0, 0xED, 0xFE, 0xFF];
    private readonly List<byte> _work = [];

    public byte[] Next(IReadOnlyList<byte[]> corpus)
    {
        _work.Clear();
        if (target.Tokens.Count > 0 && random.Below(4) == 0)
        {
            for (int words = 1 + random.Below(24); words > 0; words--)
            {
                _work.AddRange(random.Of(target.Tokens));
            }
        }
        else
        {
            _work.AddRange(random.Of(corpus));
        }

        for (int changes = random.Below(8); changes > 0; changes--)
        {
            Change(corpus);
        }

        if (_work.Count > target.MaxLength)
        {
            _work.RemoveRange(target.MaxLength, _work.Count - target.MaxLength);
        }

        return [.. _work];
    }

    private void Change(IReadOnlyList<byte[]> corpus)
    {
        int at = random.Below(_work.Count + 1);
        int length = Math.Min(_work.Count - at, 1 + random.Below(random.Below(8) == 0 ? 64 : 4));
        switch (random.Below(10))
        {
            case 0 when at < _work.Count:
                _work[at] ^= (byte)(1 << random.Below(8));
                break;
            case 1 when at < _work.Count:
                _work[at] = random.Of(Edges);
                break;
            case 2 when at < _work.Count:
                _work[at] = (byte)random.Next();
                break;
            case 3:
                _work.Insert(at, random.Below(2) == 0 ? random.Of(Edges) : (byte)random.Next());
                break;
            case 4:
                _work.RemoveRange(at, length);
                break;
            case 5 when _work.Count < target.MaxLength:
                // A piece again: a list that grows, a member twice.
                _work.InsertRange(at, _work.GetRange(at, length));
                break;
            case 6 when target.Tokens.Count > 0:
                _work.InsertRange(at, random.Of(target.Tokens));
                break;
            case 7:
                byte[] other = random.Of(corpus);
                int from = random.Below(other.Length);
                _work.RemoveRange(at, _work.Count - at);
                _work.AddRange(other.AsSpan(from).ToArray());
                break;
            case 8:
                for (int i = at; i < Math.Min(at + 4, _work.Count); i++)
                {
                    _work[i] = 0xFF;
                }

                break;
            default:
                _work.RemoveRange(at, _work.Count - at);
                break;
        }
    }
}
