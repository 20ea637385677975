using System.Globalization;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>A store is the same for everybody, whatever the culture of the thread that opens it.</summary>
public sealed class CultureTests
{
    [Theory]
    [InlineData("\u061C-", ".")]
    [InlineData("\u200E-", "\u066B")]
    [InlineData("\u2212", ",")]
    public void A_store_opens_and_is_written_under_a_culture_with_another_minus_sign(string minus, string point)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = minus;
        culture.NumberFormat.NumberDecimalSeparator = point;
        CultureInfo.CurrentCulture = culture;
        try
        {
            using var folder = new TestFolder();
            using IConsoleStore console = folder.Console();
            EngineRecord engine = Make.Engine() with { Port = -1, Epoch = -5 };
            console.AddEngine(engine);
            Assert.Equal(-5, console.GetEngine(engine.PairingId)?.Epoch);
            console.CopyTo(Path.Combine(folder.Path, "copy.db"), null, CancellationToken.None);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
