using System.Management.Automation;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// The bars of several things that are waited for together: one for all, and below it one for each of some. A single
/// thing has its own bar alone.
/// </summary>
internal sealed class ProgressTree(PipelineWriter writer, string activity, int count)
{
    private const int Parent = 3;

    // A screen has room for a few.
    private const int MostBars = 5;

    private readonly object _sync = new();
    private readonly HashSet<int> _shown = [];
    private int _done;

    public void Show(ProgressRecord bar)
    {
        lock (_sync)
        {
            if (count > 1)
            {
                if (!_shown.Contains(bar.ActivityId) && _shown.Count >= MostBars)
                {
                    return;
                }

                if (_shown.Count == 0)
                {
                    ShowAll();
                }

                bar.ParentActivityId = Parent;
            }

            _shown.Add(bar.ActivityId);
            writer.Progress(bar);
        }
    }

    /// <summary>One of them is not waited for any more, however it ended.</summary>
    public void End(int activityId, string activityOfOne)
    {
        lock (_sync)
        {
            _done++;
            if (_shown.Remove(activityId))
            {
                writer.Progress(new ProgressRecord(activityId, activityOfOne, "Ended")
                {
                    RecordType = ProgressRecordType.Completed,
                    ParentActivityId = count > 1 ? Parent : -1,
                });
            }

            if (count > 1)
            {
                ShowAll();
            }
        }
    }

    private void ShowAll() => writer.Progress(new ProgressRecord(Parent, activity, $"{_done} of {count}")
    {
        PercentComplete = _done * 100 / count,
        RecordType = _done == count ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    });
}
