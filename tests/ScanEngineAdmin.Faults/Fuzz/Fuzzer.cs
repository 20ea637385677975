using System.Diagnostics;

namespace ScanEngineAdmin.Faults.Fuzz;

/// <summary>Runs one target for a number of inputs; the same seed does the same.</summary>
internal sealed class Fuzzer
{
    private const int KeptInputs = 512;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private readonly FuzzTarget _target;
    private readonly FuzzRandom _random;
    private readonly Mutator _mutator;
    private readonly List<byte[]> _corpus;
    private readonly HashSet<int> _outcomes = [];
    private long _started;
    private byte[] _now = [];

    public Fuzzer(FuzzTarget target, ulong seed, IEnumerable<byte[]> known)
    {
        _target = target;
        _random = new FuzzRandom(seed ^ Hash(target.Name));
        _mutator = new Mutator(target, _random);
        _corpus = [.. target.Seeds, .. known];
    }

    public string Name => _target.Name;

    public long Inputs { get; private set; }

    public List<(string What, byte[] Input)> Crashes { get; } = [];

    public List<byte[]> Hangs { get; } = [];

    /// <summary>Inputs that led somewhere no earlier one did.</summary>
    public IEnumerable<byte[]> Found => _corpus.Skip(_target.Seeds.Count);

    /// <summary>How long the present input has been read, for a watchdog; and which it is.</summary>
    public (TimeSpan Since, byte[] Input) Present
    {
        get
        {
            long started = Volatile.Read(ref _started);
            return (started == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(started), _now);
        }
    }

    public void Run(long inputs)
    {
        foreach (byte[] known in _corpus.ToArray())
        {
            Try(known);
        }

        while (Inputs < inputs && Crashes.Count < 20)
        {
            byte[] input = _mutator.Next(_corpus);
            if (Try(input) is { } outcome && _outcomes.Add(outcome))
            {
                if (_corpus.Count < KeptInputs)
                {
                    _corpus.Add(input);
                }
                else
                {
                    _corpus[_target.Seeds.Count + _random.Below(KeptInputs - _target.Seeds.Count)] = input;
                }
            }
        }
    }

    private int? Try(byte[] input)
    {
        Inputs++;
        _now = input;
        long began = Stopwatch.GetTimestamp();
        Volatile.Write(ref _started, began);
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            int outcome = _target.Run(input);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocated > _target.MaxAllocated + ((long)_target.MaxAllocatedPerByte * input.Length))
            {
                Crashes.Add(($"allocated {allocated} bytes for {input.Length}", input));
            }

            if (Stopwatch.GetElapsedTime(began) > Slow && IsSlowAgain(input))
            {
                Hangs.Add(input);
            }

            return outcome;
        }
        catch (Exception e)
        {
            Crashes.Add(
                ($"{e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}", input));
            return null;
        }
        finally
        {
            Volatile.Write(ref _started, 0);
        }
    }

    // A machine that is busy makes anything slow once.
    private bool IsSlowAgain(byte[] input)
    {
        long began = Stopwatch.GetTimestamp();
        _target.Run(input);
        return Stopwatch.GetElapsedTime(began) > Slow;
    }

    private static ulong Hash(string text) =>
        text.Aggregate(14695981039346656037UL, (hash, c) => (hash ^ c) * 1099511628211);
}
