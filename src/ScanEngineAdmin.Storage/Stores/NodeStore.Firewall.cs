using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal abstract partial class NodeStore
{
    // What is over is of interest for a while only: the audit trail has it for longer.
    private const int KeptRequests = 1000;
    private const string ByRequest = "WHERE change_id = $1";

    public FirewallRequest AskFirewall(FirewallRequest request) => Database.Write(session =>
    {
        FirewallRequest? before = NodeTables.FirewallRequests.First(session, ByRequest, request.ChangeId);
        if (before is { Action: FirewallAction.Close } && request.Action == FirewallAction.Open)
        {
            return before;
        }

        FirewallRequest asked = request with
        {
            Number = (before?.Number ?? 0) + 1,
            State = FirewallRequestState.Asked,
            Answered = null,
            Fault = null,
            Detail = string.Empty,
            Recommendation = string.Empty,
            RollbackAt = null,
            Rules = before?.Rules ?? [],
        };
        if (before is null)
        {
            NodeTables.FirewallRequests.Insert(session, asked);
            session.Execute(
                "DELETE FROM firewall_requests WHERE action <> 'Open' AND state = 'Done' "
                    + "AND id <= (SELECT max(id) FROM firewall_requests) - $1",
                KeptRequests);
        }
        else
        {
            NodeTables.FirewallRequests.Update(session, before, asked);
        }

        return asked;
    });

    public FirewallRequest? GetFirewallRequest(Guid changeId) =>
        Database.Read(session => NodeTables.FirewallRequests.First(session, ByRequest, changeId));

    public IReadOnlyList<FirewallRequest> ListOpenFirewall() =>
        Database.Read(session => NodeTables.FirewallRequests.List(session, "WHERE action = 'Open' ORDER BY id"));

    public IReadOnlyList<FirewallRequest> ListAskedFirewall(int most) => Database.Read(
        session => NodeTables.FirewallRequests.List(
            session,
            "WHERE state <> 'Done' ORDER BY state <> 'Asked', id LIMIT $1",
            most));

    public bool AnswerFirewall(FirewallRequest answered, AuditEvent? note = null) => Database.Write(session =>
    {
        FirewallRequest? asked = NodeTables.FirewallRequests.First(session, ByRequest, answered.ChangeId);
        if (asked is null || asked.Number != answered.Number)
        {
            return false;
        }

        NodeTables.FirewallRequests.Update(session, asked, answered);
        if (note is not null)
        {
            AddEvent(session, note);
        }

        return true;
    });
}
