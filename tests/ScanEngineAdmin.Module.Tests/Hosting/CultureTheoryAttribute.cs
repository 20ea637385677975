using System.Globalization;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>Needs cultures: skipped, saying so, where the runtime found no ICU.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CultureTheoryAttribute : TheoryAttribute
{
    public CultureTheoryAttribute()
    {
        Skip = new CultureInfo("th-TH").Calendar is ThaiBuddhistCalendar
            ? null
            : "needs ICU: there are no cultures here";
    }
}
