namespace ScanEngineAdmin.Service.Hosting;

/// <summary>What a node is made of.</summary>
/// <param name="Data">The data folder that was named, or null.</param>
/// <param name="StartAsync">Starts it.</param>
/// <param name="Completion">Ends when it has ended.</param>
internal sealed record NodeStart<TNode>(string? Data, NodeHost.Start<TNode> StartAsync, Func<TNode, Task> Completion);
