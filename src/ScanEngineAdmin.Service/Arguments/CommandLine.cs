using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using ScanEngineAdmin.Service.Demo;

namespace ScanEngineAdmin.Service.Arguments;

/// <summary>The commands of this program: parsed, explained and completed by System.CommandLine.</summary>
internal static class CommandLine
{
    private const string ExitCodes = """
        Exit codes: 0 stopped as asked, 1 failed, 2 bad arguments, 3 cannot start. Of status, for a health check:
        0 every node that was asked about runs, 1 one does not or there is none, 3 cannot be looked at.
        """;

    // Nothing is read from a file that an argument names.
    private static readonly ParserConfiguration Parser = new()
    {
        EnablePosixBundling = false,
        ResponseFileTokenReplacer = null,
    };

    public static async Task<int> InvokeAsync(string[] args)
    {
        RootCommand root = Create();
        ParseResult parsed = root.Parse(args is ["help" or "version"] ? ["--" + args[0]] : args, Parser);
        if (parsed.Action is ParseErrorAction)
        {
            return await RefuseAsync(root, parsed).ConfigureAwait(false);
        }

        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,

            // A node stops as its own host says; the demo needs its time to clean up.
            ProcessTerminationTimeout = args is ["demo", ..] ? DemoHost.CleanUp : null,
        };
        return await parsed.InvokeAsync(configuration).ConfigureAwait(false);
    }

    private static RootCommand Create()
    {
        var root = new RootCommand("Security Console, Scan Engine, and the channel between them.")
        {
            ConsoleHost.Create(), EngineHost.Create(), ApplierHost.Create(), StatusHost.Create(), UnitText.Create(),
            DemoHost.Create(),
        };
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithSynopsis((HelpAction)help.Action!, $"{Synopsis(root)}\n\n{ExitCodes}");
        foreach (Option option in root.Subcommands.SelectMany(static command => command.Options))
        {
            option.Validators.Add(static result =>
            {
                if (result.IdentifierTokenCount > 1)
                {
                    result.AddError($"{result.Option.Name} was given twice.");
                }
            });
        }

        return root;
    }

    private static async Task<int> RefuseAsync(RootCommand root, ParseResult parsed)
    {
        // Everything goes to standard error: a script that reads the output gets nothing.
        var toError = new InvocationConfiguration { Output = Console.Error, Error = Console.Error };
        ((ParseErrorAction)parsed.Action!).ShowHelp = false;
        _ = await parsed.InvokeAsync(toError).ConfigureAwait(false);
        await Console.Error.WriteLineAsync(Synopsis(root)).ConfigureAwait(false);
        return ExitCode.BadArguments;
    }

    private static string Synopsis(RootCommand root) => string.Join('\n', root.Subcommands.Select(static command =>
        $"scanengineadmin {command.Name} {string.Join(' ', command.Options.Select(Synopsis))}"));

    private static string Synopsis(Option option)
    {
        string text = option.HelpName is { } value ? $"{option.Name} {value}" : option.Name;
        return option.Required ? text : $"[{text}]";
    }

    /// <summary>The library's help, and after it what every command takes and how it ends.</summary>
    private sealed class HelpWithSynopsis(HelpAction help, string synopsis) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = help.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(synopsis);
            return code;
        }
    }
}
