using Candor.Trust;

namespace Candor.Server.Hosting;

/// <summary>Surveys, joined to what stops them.</summary>
public sealed partial class CandorHost
{
    public Surveys Surveys { get; private set; } = null!;

    public SurveyTallies SurveyTallies { get; } = new();

    private void MakeSurveys()
    {
        Surveys = new Surveys(Database, Catalogs, Ledger, Vault, Access, Outbox, Settings.Site);
        Surveys.Join(Choices);
        Report.AlsoTell("lastAskedBySurvey", Surveys.LastAskedAsync);
        Erasure.AlsoDo((tx, customer, ct) => Surveys.EraseAsync(tx, customer.Id, ct));
    }
}
