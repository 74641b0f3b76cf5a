using Candor.Governance;

namespace Candor.Server.Hosting;

/// <summary>What goes because its time is over, joined to what else must forget it.</summary>
public sealed partial class CandorHost
{
    public DataRetention Retention => field ??= MakeRetention();

    private DataRetention MakeRetention()
    {
        var retention = new DataRetention(Database, Catalogs, Ledger, Log, Vault, Held);
        retention.AlsoDo((tx, customer, _, ct) => Suggestions.ForgetAsync(tx, customer.Id, ct));
        return retention;
    }
}
