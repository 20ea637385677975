namespace ScanEngineAdmin.Channel;

/// <summary>Which of the two kinds of node a peer is. Says nothing of who dialled.</summary>
public enum NodeRole
{
    Console,
    Engine,
}
