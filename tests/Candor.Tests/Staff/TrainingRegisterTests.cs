using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Tests.Reads;
using Candor.Tests.Storage;

namespace Candor.Tests.Staff;

public sealed class TrainingRegisterOnSqlite : TrainingRegisterTests<Sqlite>;

public sealed class TrainingRegisterOnPostgres : TrainingRegisterTests<Postgres>;

/// <summary>Training from the first module to the read that it allows, and the end of it.</summary>
public abstract class TrainingRegisterTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);
    private ReadHouse house = null!;
    private Trainings trainings = null!;
    private string sam = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ReadHouse.BuildAsync(Db, new ReadBudgetOptions(), Ct);
        trainings = new Trainings(TrainingLibrary.Open("/nowhere"), new TrainingRegister(house.Log), house.Catalogs);
        await Db.WriteAsync(tx => trainings.CountAsync(tx, "test", Ct), Ct);
        await house.AddCustomerAsync(Db, "ada", Ct);
        sam = await AddAsync("Sam", "agent");
    }

    [Fact]
    public async Task The_read_one_microsecond_before_the_training_ends_passes_and_at_the_end_it_does_not()
    {
        Assert.Equal(ReasonCode.TrainingLapsed, await ReadAsync());
        await TakeAsync("phishing");
        await TakeAsync("data-rules");
        Assert.Equal(ReasonCode.TrainingLapsed, await ReadAsync());
        await TakeAsync("privacy-basics");
        Assert.Null(await ReadAsync());
        var end = Clock.GetUtcNow().AddMonths(12);
        Clock.SetUtcNow(end - Microsecond);
        Assert.Null(await ReadAsync());
        Clock.Advance(Microsecond);
        Assert.Equal(ReasonCode.TrainingLapsed, await ReadAsync());
        await TakeAllAsync();
        Assert.Null(await ReadAsync());
    }

    [Fact]
    public async Task A_failed_attempt_is_kept_and_logged_and_opens_nothing()
    {
        var attempt = await TakeAsync("phishing", right: 5);
        Assert.Equal((false, 62, 8), (attempt.IsPassed, attempt.Score, attempt.Questions));
        var passed = await TakeAsync("phishing", right: 7);
        Assert.Equal((true, 87), (passed.IsPassed, passed.Score));
        Assert.Equal(64, passed.TextHash.Length);
        Assert.Equal(["failed 62", "passed 87"], (await LogAsync("training:phishing")).Select(e => e.Event.Reason));
        Assert.All(await LogAsync("training:phishing"), e => Assert.Equal($"staff:{sam}", e.Event.Actor));
        var standing = await Db.ReadAsync(tx => TrainingOverview.OfAsync(tx, sam, Ct), Ct);
        Assert.Equal((2, true), (standing!.Modules.Single(m => m.Module == "phishing").Attempts, standing.Until is null));
    }

    [Fact]
    public async Task Of_fifty_who_hand_in_one_sheet_at_once_one_counts()
    {
        var (module, sheet, answers) = await SheetAsync("phishing", 8);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            try
            {
                await HandInAsync(module, sheet, answers);
                return "counted";
            }
            catch (Fault fault)
            {
                return fault.What;
            }
        }));
        Assert.Equal(1, outcomes.Count(o => o == "counted"));
        Assert.Equal(49, outcomes.Count(o => o == "staff/sheet-handed-in"));
        Assert.Single(await LogAsync("training:phishing"));
    }

    [Fact]
    public async Task A_sheet_is_its_owners_and_counts_for_a_day_and_for_its_module()
    {
        var (module, sheet, answers) = await SheetAsync("phishing", 8);
        var other = await AddAsync("Olga", "agent");
        Assert.Null(await Db.ReadAsync(tx => trainings.Register.FindSheetAsync(tx, other, sheet, Ct), Ct));
        var basics = await ModuleAsync("privacy-basics");
        Assert.Equal("staff/no-such-sheet", (await Assert.ThrowsAsync<Fault>(() => HandInAsync(basics, sheet, answers))).What);
        var changed = module with { Texts = [.. module.Texts.Select(t => t with { Hash = new string('0', 64) })] };
        Assert.Equal("staff/module-changed", (await Assert.ThrowsAsync<Fault>(() => HandInAsync(changed, sheet, answers))).What);
        Clock.Advance(TrainingRegister.SheetLife);
        Assert.Equal("staff/no-such-sheet", (await Assert.ThrowsAsync<Fault>(() => HandInAsync(module, sheet, answers))).What);
        Assert.Equal(1, await Db.WriteAsync(tx => trainings.Register.CleanAsync(tx, Ct), Ct));
    }

    [Fact]
    public async Task One_role_more_closes_until_its_rules_are_learned_and_without_it_access_is_back()
    {
        await TakeAllAsync();
        await ChangeAsync("agent", "marketing");
        Assert.Equal(ReasonCode.TrainingLapsed, await ReadAsync());
        await ChangeAsync("agent");
        Assert.Null(await ReadAsync());
        await ChangeAsync("agent", "marketing");
        await TakeAsync("data-rules");
        Assert.Null(await ReadAsync());
    }

    [Fact]
    public async Task A_catalog_that_changes_a_roles_rules_leaves_fourteen_days_to_learn_them()
    {
        await TakeAllAsync();
        var wider = PurposeCatalog.Read(ReadHouse.Yaml(widened: false).Replace("uses: { email: high, purchases: high }, roles: [agent]", "uses: { email: high, phone: low, purchases: high }, roles: [agent]", StringComparison.Ordinal), "c");
        Assert.Equal(1, await CountRulesAsync(wider));
        Assert.Null(await ReadAsync());
        Clock.Advance(TrainingStanding.Grace - Microsecond);
        Assert.Null(await ReadAsync());
        Clock.Advance(Microsecond);
        Assert.Equal(ReasonCode.TrainingLapsed, await ReadAsync());
        // Another role's rules change nothing for an agent, and other words for the same rules nothing for anybody.
        Assert.Equal(0, await CountRulesAsync(PurposeCatalog.Read(wider.Text.Replace("label: Help", "label: Help and advice", StringComparison.Ordinal), "c")));
        Assert.Equal(1, await CountRulesAsync(PurposeCatalog.Read(ReadHouse.Yaml(widened: false), "c")));
        Assert.Null(await ReadAsync());
    }

    [Fact]
    public async Task A_new_module_leaves_time_to_who_is_here_and_none_to_who_comes_later()
    {
        await TakeAllAsync();
        Clock.Advance(TimeSpan.FromDays(1));
        var tills = TrainingLibrary.Parse("---\nid: tills\ntitle: T\n---\nx\n## ? q\n- [x] a\n- [ ] b\n> e\n", "tills.en.md");
        await Db.WriteAsync(tx => trainings.Register.CountAsync(tx, tills, "test", Ct), Ct);
        Assert.Null(await ReadAsync());
        Clock.Advance(TrainingStanding.Grace);
        Assert.Equal(ReasonCode.TrainingLapsed, await ReadAsync());
        await Db.WriteAsync(tx => trainings.CountAsync(tx, "test", Ct), Ct);
        Assert.Null(await ReadAsync());
        Assert.Single(await LogAsync("training-ended:tills"));
    }

    [Fact]
    public async Task A_certificate_from_elsewhere_is_recorded_by_another_person_with_its_evidence()
    {
        await TakeAsync("data-rules");
        await TakeAsync("privacy-basics");
        var admin = await AddAsync("Alma", "administrator");
        var until = Clock.GetUtcNow().AddMonths(3);
        await RecordAsync(sam, "phishing", until, "Certificate 4711 of the chamber, filed under HR/12", admin);
        Assert.Null(await ReadAsync());
        Clock.SetUtcNow(until - Microsecond);
        Assert.Null(await ReadAsync());
        Clock.Advance(Microsecond);
        Assert.Equal(ReasonCode.TrainingLapsed, await ReadAsync());
        var entry = Assert.Single(await LogAsync($"training-certificate:{sam}"));
        Assert.DoesNotContain("4711", entry.Event.Reason, StringComparison.Ordinal);
        Assert.Equal($"staff:{admin}", entry.Event.Actor);
    }

    [Theory]
    [InlineData("own", "phishing", 30, "long enough evidence", "staff/own-certificate")]
    [InlineData("sam", "data-rules", 30, "long enough evidence", "staff/no-such-module")]
    [InlineData("sam", "*", 30, "long enough evidence", "staff/no-such-module")]
    [InlineData("nobody", "phishing", 30, "long enough evidence", "staff/no-such-member")]
    [InlineData("sam", "phishing", 0, "long enough evidence", "staff/bad-certificate-end")]
    [InlineData("sam", "phishing", 400, "long enough evidence", "staff/bad-certificate-end")]
    [InlineData("sam", "phishing", 30, "short", "staff/bad-evidence")]
    public async Task A_certificate_that_shows_nothing_is_refused(string whose, string module, int days, string evidence, string what)
    {
        var admin = await AddAsync("Alma", "administrator");
        var staff = whose switch { "own" => admin, "sam" => sam, _ => "0123456789abcdef" };
        Assert.Equal(what, (await Assert.ThrowsAsync<Fault>(() => RecordAsync(staff, module, Clock.GetUtcNow().AddDays(days), evidence, admin))).What);
    }

    private Task<string> AddAsync(string name, params string[] roles) => Db.WriteAsync(tx => house.Access.AddStaffAsync(tx, name, roles, null, "test", Ct), Ct);

    private Task ChangeAsync(params string[] roles) => Db.WriteAsync(async tx => await house.Access.ChangeStaffAsync(tx, sam, roles, disabled: false, "test", Ct), Ct);

    private Task<int> CountRulesAsync(PurposeCatalog catalog) => Db.WriteAsync(tx => trainings.Register.CountAsync(tx, DataRules.ForAll(catalog), "test", Ct), Ct);

    private Task RecordAsync(string staff, string module, DateTimeOffset until, string evidence, string by) => Db.WriteAsync(
        async tx => await trainings.Register.RecordCertificateAsync(tx, staff, module, until, evidence, "staff:" + by, Ct), Ct);

    private async Task TakeAllAsync()
    {
        foreach (var module in (string[])["privacy-basics", "phishing", "data-rules"])
        {
            await TakeAsync(module);
        }
    }

    private async Task<TrainingAttempt> TakeAsync(string id, int right = int.MaxValue)
    {
        var (module, sheet, answers) = await SheetAsync(id, right);
        return await HandInAsync(module, sheet, answers);
    }

    private async Task<TrainingModule> ModuleAsync(string id)
    {
        var standing = await Db.ReadAsync(tx => TrainingOverview.OfAsync(tx, sam, Ct), Ct);
        return (await Db.ReadAsync(tx => trainings.FindAsync(tx, standing!.Roles.Split(' ').ToHashSet(), id, Ct), Ct))!;
    }

    private async Task<(TrainingModule Module, string Sheet, SheetAnswers Answers)> SheetAsync(string id, int right)
    {
        var module = await ModuleAsync(id);
        var sheet = await Db.WriteAsync(tx => trainings.Register.BeginAsync(tx, sam, module, "en", Ct), Ct);
        return (module, sheet, SheetFilling.Of(sheet, module.In("en").Questions, right));
    }

    private Task<TrainingAttempt> HandInAsync(TrainingModule module, string sheet, SheetAnswers answers) => Db.WriteAsync(
        tx => trainings.Register.HandInAsync(tx, new ActorState { Kind = ActorKind.Staff, Ref = sam }, sheet, module, answers, Ct), Ct);

    /// <summary>Reads as Sam, in a fresh session.</summary>
    private async Task<ReasonCode?> ReadAsync()
    {
        var session = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenStaffSessionAsync(tx, sam, tx.Now, Ct), Ct));
        var outcome = await house.Read.RunAsync(new ReadRequest(session, "ada", PurposeId.Parse("support"), [DataPointId.Parse("purchases")], "T-1"), Ct);
        return outcome!.ShownReason;
    }

    private Task<IReadOnlyList<AuditEntry>> LogAsync(string subject) => Db.ReadAsync<IReadOnlyList<AuditEntry>>(async tx =>
        [.. (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, Ct)).Select(e => AuditEntry.Decode(e))
            .Where(e => e.Event.Subject == subject).OrderBy(e => e.Event.Reason, StringComparer.Ordinal)], Ct);
}
