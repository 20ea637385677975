using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Services;

/// <summary>The system's own manager of services: systemd, or that of Windows.</summary>
internal interface IServiceManager
{
    /// <summary>What installing would write and run, for people.</summary>
    /// <param name="service">The service as it would be installed.</param>
    /// <param name="installed">As it is; null where it is not installed.</param>
    /// <param name="start">Whether it would be started.</param>
    string Describe(ServiceDefinition service, ServiceStatus? installed, bool start);

    /// <summary>What removing would do, for people.</summary>
    string DescribeRemoval(ServiceStatus service);

    /// <summary>Null where it is not installed.</summary>
    Task<ServiceStatus?> LookAsync(NodeRole role, bool isApplier, CancellationToken cancellationToken);

    /// <summary>Installs it, or brings it up to its definition; changes nothing where it is so already.</summary>
    /// <returns>Whether something was changed.</returns>
    Task<bool> InstallAsync(ServiceDefinition service, bool start, CancellationToken cancellationToken);

    /// <summary>Stops and removes it; its data stays.</summary>
    Task RemoveAsync(ServiceStatus service, CancellationToken cancellationToken);
}
