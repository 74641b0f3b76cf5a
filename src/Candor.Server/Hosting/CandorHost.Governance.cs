using Candor.Audit;
using Candor.Governance;
using Candor.Reads;
using Candor.Staff;
using Candor.Vault;

namespace Candor.Server.Hosting;

/// <summary>Who decides on new uses of data.</summary>
public sealed partial class CandorHost
{
    public Initiatives Initiatives => field ??= new Initiatives(Catalogs, Access, Eyes, Log);

    public CommitteeOffice Committee => field ??= new CommitteeOffice(Eyes, Log);

    public SelfChecks SelfChecks => field ??= new SelfChecks(Initiatives, Eyes);

    public DpiaRegister Dpias => field ??= new DpiaRegister(Catalogs, Suggestions.Evaluations, Eyes, Log);

    public Checklist Checklist => field ??= new Checklist(new ChecklistSources(
        Catalogs, Log, Access, Dpias, Suggestions.Evaluations, Backups, Witnesses, () => Path.GetDirectoryName(Path.GetFullPath(Settings.Folder.RootKey)) != Settings.Folder.Path));

    public InternalAudits InternalAudits => field ??= new InternalAudits(Database, Log, Access);

    public ChecklistBook ChecklistBook => field ??= new ChecklistBook(Database, Checklist);

    public Incidents Incidents => field ??= new Incidents(Database, Eyes, Log, StaffMail, Settings.Site);

    public DueDates DueDates => field ??= new DueDates(Database, Catalogs, StaffMail, Settings.Site);

    public ValueCheck ValueCheck => field ??= new ValueCheck(Database, Catalogs, Vault, Inspection);

    public ValueCleaning ValueCleaning => field ??= CleaningBy(Eyes);

    private InspectionRead Inspection => field ??= new InspectionRead(Database, Catalogs, SystemReads, Log, Vault);

    /// <summary>The approved initiatives as a signed list.</summary>
    public Task<string> ApprovedInitiativesAsync(CancellationToken ct) =>
        Database.ReadAsync(tx => InitiativeNote.SignAsync(tx, Catalogs, new NoteSigner(Log.Origin, Keys.Secret(KeyRing.LogSigning)), ct), ct);

    private IEnumerable<ProposalKind> GovernanceKinds(FourEyes eyes) =>
        [new CommitteeOffice(eyes, Log).Proposed, new SelfChecks(new Initiatives(Catalogs, Access, eyes, Log), eyes).Proposed, CleaningBy(eyes).Proposed];

    private ValueCleaning CleaningBy(FourEyes eyes) => new(Database, Catalogs, Ledger, Log, Vault, Inspection, eyes);
}
