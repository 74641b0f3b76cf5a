using Candor.Fairness;
using Candor.Reads;
using Candor.Server.Pages.Trust;
using Candor.Trust;

namespace Candor.Server.Hosting;

/// <summary>What is counted for the page about trust.</summary>
public sealed partial class CandorHost
{
    public TrustCounts TrustCounts => field ??= new TrustCounts(Database, Vault.Lots);

    public TrustDays TrustDays => field ??= new TrustDays(Database, Catalogs, Log);

    public TrustVisits TrustVisits => field ??= new TrustVisits(Database, OwnAccess, TrustCounts);

    public TrustDigest TrustDigest => field ??= new TrustDigest(Database, Catalogs, StaffMail, (catalog, report) => TrustMail.InWords(catalog, report, Settings.Site));

    public AggregateRead Counting => field ??= new AggregateRead(Database, Catalogs, SystemReads, Log, Vault);

    /// <summary>Whether groups of customers are served alike.</summary>
    public FairnessRuns Fairness => field ??= new FairnessRuns(Database, Catalogs, Vault, Log, Counting, Suggestions, StaffMail, Settings.Site);

    /// <summary>What was found of models before their settings were put in use.</summary>
    public ModelAudits ModelAudits => field ??= new ModelAudits(Database, Catalogs, Ledger, Vault, Counting, Suggestions.Evaluations, StaffMail, Settings.Site);

    /// <summary>Counts with every entry of the log, every choice and every order from now on.</summary>
    private void JoinTrust()
    {
        var steps = new TrustSteps(TrustCounts);
        Log.AlsoDo(steps.EntryAsync);
        Choices.AlsoDo(steps.ChoiceAsync);
        Events.AlsoDo(steps.EventsAsync);
    }
}
