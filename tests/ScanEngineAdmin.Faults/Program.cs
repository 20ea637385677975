using ScanEngineAdmin.Faults;
using ScanEngineAdmin.Faults.Lab;

// A lab's hosts are this program in namespaces of their own.
if (args is [Agent.Command, var role, var folder])
{
    return await Agent.RunAsync(role, folder);
}

IFaultCommand[] commands = typeof(IFaultCommand).Assembly.GetTypes()
    .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IFaultCommand)))
    .Select(type => (IFaultCommand)Activator.CreateInstance(type)!)
    .OrderBy(command => command.Name, StringComparer.Ordinal)
    .ToArray();
if (args is [string name, .. string[] rest] && commands.FirstOrDefault(command => command.Name == name) is { } chosen)
{
    return await chosen.RunAsync(rest);
}

await Console.Error.WriteLineAsync("dotnet run --project tests/ScanEngineAdmin.Faults -- COMMAND");
// What says no purpose is for the other commands only.
foreach (IFaultCommand command in commands.Where(command => command.Purpose.Length > 0))
{
    await Console.Error.WriteLineAsync($"  {command.Name,-12} {command.Purpose}");
}

return Usage;
