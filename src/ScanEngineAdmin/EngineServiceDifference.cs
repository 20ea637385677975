using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin;

/// <summary>One property of an installed service that is not as asked for.</summary>
public sealed class EngineServiceDifference
{
    internal EngineServiceDifference(EngineService service, string property, string wanted, string actual)
    {
        Name = service.Name;
        Role = service.Role;
        Applier = service.Applier;
        Property = property;
        Wanted = wanted;
        Actual = actual;
        DataPath = service.DataPath;
    }

    /// <summary>What the system's service manager calls the service.</summary>
    public string Name { get; }

    public NodeRole Role { get; }

    /// <summary>Whether it is the firewall applier of that node.</summary>
    public bool Applier { get; }

    /// <summary>The parameter of Install-EngineService; or State, or StartsAtBoot.</summary>
    public string Property { get; }

    /// <summary>What is asked for, as the service's command line would have it.</summary>
    public string Wanted { get; }

    /// <summary>What is there.</summary>
    public string Actual { get; }

    /// <summary>The data folder that the service works on.</summary>
    public string DataPath { get; }

    public override string ToString() => $"{Name} {Property}: {Actual}, not {Wanted}";
}
