using Cronos;
using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Storage.Cron;

/// <summary>
/// Reads cron expressions with the Cronos library, which is here as the module loads this assembly and its libraries
/// in private: another module's copy of Cronos is another's.
/// </summary>
internal sealed class CronosReader : ICronReader
{
    public ICron Read(string expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        if (expression.Length > ScheduleLimits.MaxExpressionLength)
        {
            throw Invalid(expression[..ScheduleLimits.MaxExpressionLength] + "...", "it is too long");
        }

        try
        {
            return new CronosCron(CronExpression.Parse(expression, CronFormat.Standard));
        }
        catch (CronFormatException e)
        {
            throw Invalid(expression, e.Message.TrimEnd('.'));
        }
    }

    private static Domain.Faults.ScanEngineException Invalid(string expression, string why) => ScheduleFaults.Invalid(
        $"'{expression}' is no cron expression: {why}.",
        "Give minute, hour, day of month, month and day of week, as '30 2 * * MON-FRI'; or use -Daily or -Weekly.",
        expression);
}
