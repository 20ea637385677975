namespace ScanEngineAdmin.Channel.Wire;

/// <summary>Something that runs code of the layer above: never on the read loop, always as part of a batch.</summary>
internal interface IBatchItem
{
    /// <summary>Must not throw.</summary>
    void Run();
}
