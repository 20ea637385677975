using ScanEngineAdmin.Benchmarks.Measure;

namespace ScanEngineAdmin.Benchmarks;

/// <summary>One kind of work, measured beside its limit. Every one of this assembly is found by itself.</summary>
internal interface IBenchmark
{
    /// <summary>As the targets name it: B1, B2, ...</summary>
    string Name { get; }

    /// <summary>One line.</summary>
    string Purpose { get; }

    /// <summary>What this machine lacks for it, or null.</summary>
    string? WhyNot(Options options) => null;

    Task RunAsync(Options options, Report report);
}
