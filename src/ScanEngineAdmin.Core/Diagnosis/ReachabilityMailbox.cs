using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// Where questions and answers lie in a node's store: among its settings, under names of their own, so that they need
/// no table and every version of the store takes them. Whatever is older than its time is swept.
/// </summary>
internal sealed class ReachabilityMailbox(INodeStore store)
{
    // Longer than any question may take, so that no answer is swept under the eyes of whoever waits for it.
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private const string Asked = "reachability.ask.";
    private const string Answered = "reachability.answer.";

    public void Ask(ReachabilityQuestion question) => store.SetSetting(Asked + Key(question), Text(question));

    public string Answer(ReachabilityQuestion question) => store.GetSetting(Answered + Key(question)) ?? string.Empty;

    public void Answer(ReachabilityQuestion question, ReachabilityAnswer answer)
    {
        // Whoever asked may have given up: an answer without its question would lie there for nobody.
        if (store.GetSetting(Asked + Key(question)) is not null)
        {
            store.SetSetting(Answered + Key(question), Text(answer));
            store.SetSetting(Asked + Key(question), null);
        }
    }

    public void Remove(ReachabilityQuestion question)
    {
        store.SetSetting(Asked + Key(question), null);
        store.SetSetting(Answered + Key(question), null);
    }

    /// <summary>The open questions, oldest first; sweeps what is too old or cannot be read.</summary>
    public IReadOnlyList<ReachabilityQuestion> Open(DateTimeOffset now)
    {
        long oldest = (now - Lifetime).ToUnixTimeMilliseconds();
        var open = new List<ReachabilityQuestion>();
        foreach ((string key, string value) in store.ListSettings(Asked))
        {
            if (Read<ReachabilityQuestion>(value) is { } question && question.AskedUnixMs >= oldest)
            {
                open.Add(question);
            }
            else
            {
                store.SetSetting(key, null);
            }
        }

        foreach ((string key, string value) in store.ListSettings(Answered))
        {
            if (Read<ReachabilityAnswer>(value) is not { } answer || answer.AnsweredUnixMs < oldest)
            {
                store.SetSetting(key, null);
            }
        }

        return [.. open.OrderBy(static question => question.AskedUnixMs)];
    }

    public static T? Read<T>(string text)
        where T : class
    {
        try
        {
            return WireJson.Read<T>(System.Text.Encoding.UTF8.GetBytes(text));
        }
        catch (PeerRequestException)
        {
            return null;
        }
    }

    private static string Key(ReachabilityQuestion question) => question.QuestionId.ToString("N");

    private static string Text<T>(T value)
        where T : class => System.Text.Encoding.UTF8.GetString(WireJson.Write(value));
}
