using Candor.Audit;
using Candor.Backup;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Desk;
using Candor.Export;
using Candor.Governance;
using Candor.Kernel;
using Candor.Messages;
using Candor.Personalization;
using Candor.Reads;
using Candor.Rights;
using Candor.SignIn;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Server.Hosting;

/// <summary>What a command needs to know to open an installation.</summary>
/// <param name="Postgres">Connection string; null for SQLite in the folder.</param>
/// <param name="Site">Address under which customers reach this installation.</param>
/// <param name="CustomersPerHour">Read budget of one staff member.</param>
public sealed record HostSettings(DataFolder Folder, string? Postgres, Uri Site, int CustomersPerHour = 60)
{
    /// <summary>How mail leaves; null: as files into the folder.</summary>
    public MailSettings? Mail { get; init; }

    /// <summary>Who outside signs each checkpoint too.</summary>
    public IReadOnlyList<WitnessAddress> Witnesses { get; init; } = [];

    /// <summary>What in the log is worth a question.</summary>
    public AnomalySettings Anomalies { get; init; } = new();
    /// <summary>Folder with the business's own training modules; null: <c>training</c> in the data folder.</summary>
    public string? TrainingFolder { get; init; }

    /// <summary>PEM file with the certificate that OpenDSR answers are signed with, and its key; null: OpenDSR is off.</summary>
    public string? OpenDsrCertificate { get; init; }

    /// <summary>Where backups go by themselves; null: nowhere.</summary>
    public BackupSettings? Backups { get; init; }

    /// <summary>OpenDSR callbacks may also go to plain http and to hosts of this network.</summary>
    public bool PrivateCallbacks { get; init; }

    /// <summary>How members of staff may sign in.</summary>
    public StaffRules StaffRules { get; init; } = new();
}

/// <summary>All modules, put together once. Opening checks everything in order and stays closed when something is wrong.</summary>
public sealed partial class CandorHost : IAsyncDisposable
{
    private CandorHost(HostSettings settings, Database database, KeyRing keys, AuditLog log)
    {
        (Settings, Database, Keys, Log) = (settings, database, keys, log);
        Index = new BlindIndex(keys);
        Ledger = new ConsentLedger(Notices);
        Vault = new PersonalVault(keys, Index);
        Access = new AccessRegister(log);
        Checkpoints = new CheckpointSigner(log, new NoteSigner(log.Origin, keys.Secret(KeyRing.LogSigning)));
        Signer = ReceiptSigner.Open(keys.Secret(KeyRing.ReceiptSigning));
        Receipts = new ReceiptWriter(Signer, settings.Site);
        Budget = new ReadBudget(new ReadBudgetOptions { CustomersPerHour = settings.CustomersPerHour }, log);
        Reads = new ConsentedRead(database, Catalogs, log, Vault, Index, Budget);
        SystemReads = new SystemRead(database, Catalogs, Ledger, log, Vault);
        Outbox = new Outbox(Vault);
        Choices = new CustomerChoices(database, Catalogs, Ledger, log, Vault, Access);
        Own = new OwnData(database, new OwnAccess(Catalogs, Vault, Access), Ledger, log, Vault);
        Mail = new MailRoom(settings.Mail ?? settings.Folder.MailSettings, settings.Site, database, Catalogs, Notices, Ledger, log, Vault, Outbox, SystemReads, Choices, Receipts, UsePauses.IsPausedAsync);
        Held = new HeldVault(keys, Index);
        HeldData = new HeldData(database, Catalogs, log, Vault, Held, Access, Budget);
        Erasure = new Erasure(database, Catalogs, Ledger, log, Vault, Held, Outbox, Access, Budget, SystemReads);
        Erasure.AlsoCount("messages", Outbox.CountWaitingAsync);
        Replay = new LedgerReplay(
            database, Catalogs, Ledger, log, Checkpoints, new NoteSigner(LedgerFile.KeyName(log.Origin), keys.Secret(KeyRing.LogSigning)), Erasure, Choices);
        PurposeData = new PurposeData(database, Catalogs, Ledger, log, Vault, Access);
        Profiles = new ProfileCollection(database, Catalogs, Ledger, log, Vault, Access);
        Events = new EventCollection(database, Catalogs, Ledger, log, Vault, Access);
        Visits = new WebVisit(database, Catalogs, Ledger, log, Vault, Access, Choices);
        SignIn = new CustomerSignIn(Access, log, Vault, keys);
        Links = new SignInLinks(database, Vault, Index, Outbox, SignIn, settings.Site);
        Fulfilment = new RequestFulfilment(database, log, Ledger, Choices, Erasure);
        Requests = new RightsRequests(database, Catalogs, log, Vault, Access, Index, Outbox, Fulfilment, settings.Site);
        if (settings.OpenDsrCertificate is { } file)
        {
            OpenDsr = new OpenDsr(database, Access, Vault, Index, Requests, OpenDsrSigner.Open(file, settings.Site.Host, database.Clock.GetUtcNow()), settings.Site, settings.PrivateCallbacks);
            Callbacks = new OpenDsrCallbacks(database, OpenDsr, settings.PrivateCallbacks);
        }

        Suggestions = MakeSuggestions();
        CompleteErasure();
        JoinTrust();
        MakeSurveys();
        Catalogs.DecidesBy((tx, from, to, decision, by, ct) => Initiatives.CoverAsync(tx, from, to, decision, by, ct));
    }

    /// <summary>What else goes with a customer, and who else is told.</summary>
    private void CompleteErasure()
    {
        Replay.RestoresFrom(RestoredMode.FinishedAsync);
        Erasure.AlsoDo((tx, customer, step) => Links.EraseAsync(tx, customer.Id, step));
        Erasure.AlsoTell(async (tx, contact, erased, step) =>
        {
            if (contact.Reference is { } reference)
            {
                await Mail.Webhooks.QueuePartingAsync(tx, reference, "candor.customer.erased", new { entry = erased.Entry, at = erased.At }, step);
            }
        });
        Erasure.AlsoDo(Fulfilment.ForgetAsync);
        Erasure.AlsoDo((tx, customer, ct) => Desk.Emergencies.EraseAsync(tx, customer.Id, ct));
        Reads.AlsoDo(Emergencies.TellAsync);
        Erasure.AlsoDo((tx, customer, ct) => Corrections.EraseAsync(tx, customer.Id, ct));
        Erasure.AlsoDo((tx, customer, ct) => ValueMarks.EraseAsync(tx, customer.Id, ct));
    }

    public HostSettings Settings { get; }

    public Database Database { get; }

    public KeyRing Keys { get; }

    public AuditLog Log { get; }

    public BlindIndex Index { get; }

    public CatalogRegister Catalogs { get; } = new();

    public NoticeRegister Notices { get; } = new();

    public ConsentLedger Ledger { get; }

    public PersonalVault Vault { get; }

    public AccessRegister Access { get; }

    public TrainingRegister TrainingRegister => field ??= new TrainingRegister(Log);

    /// <summary>Read from their folder when first asked for; a mistake in one is a fault.</summary>
    public Trainings Trainings => field ??= new Trainings(TrainingLibrary.Open(Settings.TrainingFolder ?? Settings.Folder.Training), TrainingRegister, Catalogs);

    public TrainingMail TrainingMail => field ??= new TrainingMail(Database, Trainings, Catalogs, StaffMail, Settings.Site);

    public CheckpointSigner Checkpoints { get; }

    public ReceiptSigner Signer { get; }

    public ReceiptWriter Receipts { get; }

    public ReadBudget Budget { get; }

    public FourEyes Eyes => field ??= MakeEyes();

    public StaffChanges StaffChanges => field ??= new StaffChanges(Invitations, TrainingRegister, Eyes, Log);

    public InvitationPost InvitationPost => field ??= new InvitationPost(StaffChanges, Invitations, StaffMail, Mail.Settings.Smtp is not null, Settings.Site);

    public ApiKeys ApiKeys => field ??= new ApiKeys(Access, Eyes);

    public CatalogChanges CatalogChanges => field ??= new CatalogChanges(Catalogs, Notices, TrainingRegister, Eyes, Log);

    public KeyRotation Rotation => field ??= new KeyRotation(Database, Keys);

    public KeyCare KeyCare => field ??= new KeyCare(Database, Rotation, Backups, Eyes, Log);

    public ConsentedRead Reads { get; }

    public SystemRead SystemReads { get; }

    public Outbox Outbox { get; }

    public Witnesses Witnesses => field ??= new Witnesses(Database, Checkpoints, Settings.Witnesses);

    public LogPost LogPost => field ??= new LogPost(Database, Checkpoints, Witnesses, StaffMail, Settings.Site);

    public UseBook Uses => field ??= new UseBook(Database, Log);

    public StockBook Stock => field ??= new StockBook(Database, Vault);

    public LogDesk LogDesk => field ??= new LogDesk(Database, Log, Access, Vault);

    public StaffMail StaffMail => field ??= new StaffMail(Vault);

    public CustomerChoices Choices { get; }

    public OwnAccess OwnAccess => field ??= new OwnAccess(Catalogs, Vault, Access);

    public MailRoom Mail { get; }

    public OwnData Own { get; }

    public HeldVault Held { get; }

    public HeldData HeldData { get; }

    public Erasure Erasure { get; }

    public LedgerReplay Replay { get; }

    /// <summary>The erasure ledger beside the backups.</summary>
    public LedgerKeeper BackupLedger => field ??= new LedgerKeeper(Database, Log, Replay);

    public BackupStore Backups => field ??= new BackupStore(Database, Catalogs, Log, Checkpoints, BackupLedger, Settings.Folder.Path, Settings.Backups);

    public PurposeData PurposeData { get; }

    public AccessReport Report => field ??= new AccessReport(Database, Catalogs, Notices, Ledger, Log, Checkpoints, Receipts, Vault, Access);

    public ProfileCollection Profiles { get; }

    public EventCollection Events { get; }

    public CustomerExport Exports => field ??= new CustomerExport(Database, Catalogs, Log, Vault, SystemReads);

    public CustomerQuestions Questions => field ??= new CustomerQuestions(Database, OwnAccess, Ledger, Log, Vault, Outbox);

    public Corrections Corrections => field ??= new Corrections(Database, OwnAccess, Ledger, Log, Vault, Index, Outbox);

    public CorrectionDesk CorrectionDesk => field ??= new CorrectionDesk(Database, Catalogs, Ledger, Log, Vault, Access, Corrections, Outbox);

    public WebVisit Visits { get; }

    public CustomerSignIn SignIn { get; }

    public SignInLinks Links { get; }

    public OwnSessions OwnSessions => field ??= new OwnSessions(Database, Access, Vault, Log, SignIn);

    public RequestFulfilment Fulfilment { get; }

    public RightsRequests Requests { get; }

    public RequestReader RequestReads => field ??= new RequestReader(Database, Catalogs, Log, Vault, Access, Requests);

    /// <summary>Null while OpenDSR is off.</summary>
    public OpenDsr? OpenDsr { get; }

    public OpenDsrCallbacks? Callbacks { get; }

    public Suggestions Suggestions { get; }

    /// <summary>What customers are written to about without their asking.</summary>
    public ProactiveMessages Proactive { get; private set; } = null!;

    /// <summary>What the brief says without being asked.</summary>
    public ProactiveLines ProactiveLines => field ??= new ProactiveLines(Database, Vault, Suggestions.Pauses);
    public DeskVisits DeskVisits => field ??= new DeskVisits(Vault);

    public CustomerFinder Finder => field ??= new CustomerFinder(Database, Catalogs, Log, Vault, Access, Budget, DeskVisits);

    public Briefs Briefs => field ??= new Briefs(Database, Catalogs, Ledger, Reads, Suggestions, ProactiveLines, Access, DeskVisits, Index);

    public ContactNotes ContactNotes => field ??= new ContactNotes(Database, Catalogs, Ledger, Log, Vault, Access, DeskVisits);

    public DeskRequests DeskRequests => field ??= new DeskRequests(Database, Access, DeskVisits, Requests);

    public ConsentQuestions ConsentQuestions => field ??= new ConsentQuestions(Database, Catalogs, Ledger, Log, Vault, Access, DeskVisits, OwnAccess, Outbox, Settings.Site);

    public Emergencies Emergencies => field ??= new Emergencies(Database, Log, Vault, Access, DeskVisits, Outbox, StaffMail, Settings.Site);

    /// <summary>The models, joined to everything that feeds them or takes a ground away.</summary>
    private Suggestions MakeSuggestions()
    {
        var suggestions = new Suggestions(Database, Catalogs, Ledger, Log, Vault, Access, Reads, SystemReads);
        suggestions.Join(Choices, Events);
        Erasure.AlsoDo((tx, customer, ct) => suggestions.EraseAsync(tx, customer.Id, ct));
        PurposeData.AlsoDo((tx, customer, _, _, ct) => suggestions.ForgetAsync(tx, customer.Id, ct));
        Proactive = new ProactiveMessages(Database, Catalogs, Ledger, Vault, SystemReads, Outbox, suggestions);
        Proactive.Join(Choices, Events);
        Erasure.AlsoDo((tx, customer, ct) => Proactive.EraseAsync(tx, customer.Id, ct));
        return suggestions;
    }

    /// <summary>Every kind of change that needs two people.</summary>
    private FourEyes MakeEyes()
    {
        var eyes = new FourEyes(Access, Log);
        foreach (var kind in (ProposalKind[])[.. new StaffChanges(Invitations, TrainingRegister, eyes, Log).Kinds, ApiKeys.Proposed, new CatalogChanges(Catalogs, Notices, TrainingRegister, eyes, Log).Proposed, Governance.KeyCare.Proposed, .. GovernanceKinds(eyes)])
        {
            eyes.Add(kind);
        }

        return eyes;
    }

    /// <summary>Applies a catalog with its notices, and logs it.</summary>
    public Task<ActiveCatalog> ApplyCatalogAsync(PurposeCatalog catalog, string by, string? decision, CancellationToken ct) => Database.WriteAsync(async tx =>
    {
        var active = await Notices.ApplyAsync(tx, Catalogs, catalog, by, decision, ct);
        await Log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Catalog, Actor = by, CatalogVersion = active.Version, Subject = catalog.Digest, Reason = decision }, ct);
        await TrainingRegister.CountAsync(tx, DataRules.ForAll(active.Catalog), by, ct);
        return active;
    }, ct);

    public async ValueTask DisposeAsync()
    {
        await Mail.DisposeAsync();
        Signer.Dispose();
        Callbacks?.Dispose();
        OpenDsr?.Signer.Dispose();
        Suggestions.Dispose();
        Witnesses.Dispose();
        await Database.DisposeAsync();
    }
}
