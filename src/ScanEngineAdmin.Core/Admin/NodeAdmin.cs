using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Providers;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// What an admin does to a node of either kind, from any process on its host: writes the request into its store and
/// rings.
/// </summary>
internal abstract class NodeAdmin : IDisposable
{
    private readonly INodeStore _store;
    private readonly string _path;
    private readonly FirewallAnswers? _answers;

    internal NodeAdmin(
        NodeRole role,
        DataFolder folder,
        string path,
        INodeStore store,
        TimeProvider time,
        FirewallAnswers? answers,
        Func<IReadOnlyList<PairedNode>> peers)
    {
        _store = store;
        _path = path;
        _answers = answers;
        Folder = folder;
        Client = new NodeClient(role, folder, path, store, time);
        Certificate = new CertificateAdmin(role, Client, folder.Root, path, store, peers);
    }

    public DataFolder Folder { get; }

    /// <summary>The node's certificate and its replacement.</summary>
    public CertificateAdmin Certificate { get; }

    private protected NodeClient Client { get; }

    public NodeInfo Describe() => Client.Describe();

    /// <summary>Asks the running node, in whatever process, to stop, and waits for it. False if none runs.</summary>
    public Task<bool> StopAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        Client.StopAsync(timeout, cancellationToken);

    /// <summary>Makes a pairing secret; the text of the result is the only copy there will ever be.</summary>
    public (SecretRecord Record, PairingSecret Secret) CreateSecret(
        TimeSpan expiresIn, string? engineName, bool singleUse, int? maxUses = null) =>
        Client.CreateSecret(expiresIn, engineName, singleUse, maxUses);

    public void RevokeSecret(Guid secretId) => Client.RevokeSecret(secretId);

    /// <summary>
    /// Tests the way to or from the other end as <see cref="FirewallTester"/> does; where one end cannot tell which
    /// side it is, the running node asks the other one, if a channel is open.
    /// </summary>
    public Task<FirewallTestResult> TestFirewallAsync(
        FirewallTestRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new FirewallTester(
            Client.Answers(_answers), Client.Time,
            new FirewallOtherEnd(new ReachabilityClient(_store, Client, _path).AskAsync))
            .TestAsync(request, cancellationToken);
    }

    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }
}
