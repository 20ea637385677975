using System.Collections;
using System.Management.Automation;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>What an admin reads after a pairing, two scans and a change of direction between them.</summary>
internal sealed class HostedStory(string to, object report)
{
    /// <summary>What the tables show.</summary>
    public string Shown => Text("Shown");

    public void Check(bool arrows = true)
    {
        Assert.Equal("Completed Committed Completed", Text("States"));
        Assert.Equal("Open Open", Text("Findings"));
        Assert.Equal((to, "Active"), (Text("Direction"), Text("Status")));
        // A time that went through another calendar would be centuries off.
        DateTime[] times = Of<DateTime[]>("Times");
        Assert.True(times.Length > 3);
        Assert.All(times, time => Assert.InRange(time, DateTime.UtcNow.AddHours(-1), DateTime.UtcNow.AddMinutes(1)));
        // What machines read: ASCII in every culture.
        Assert.All(Of<string[]>("Text"), text => Assert.DoesNotContain(text, letter => letter > '~'));
        Assert.Contains("lab1", Shown, StringComparison.Ordinal);
        if (!arrows)
        {
            return;
        }

        Assert.Matches(
            to == "EngineToConsole" ? "console (◀──|<--)[0-9]+" : "console (──|--)[0-9]+(──▶|-->)", Shown);
    }

    private string Text(string name) => Of<string>(name);

    private T Of<T>(string name) => LanguagePrimitives.ConvertTo<T>(((IDictionary)report)[name]);
}
