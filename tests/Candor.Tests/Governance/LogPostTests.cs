using Candor.Audit;
using Candor.Governance;
using Candor.Kernel;
using Candor.Messages;
using Candor.Staff;
using Candor.Tests.Messages;
using Candor.Tests.Storage;
using MimeKit;
using Checkpoint = Candor.Audit.Checkpoint;

namespace Candor.Tests.Governance;

public sealed class LogPostOnSqlite : LogPostTests<Sqlite>;

public sealed class LogPostOnPostgres : LogPostTests<Postgres>;

public abstract class LogPostTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private MessageHouse house = null!;
    private CheckpointSigner signer = null!;
    private Witnesses witnesses = null!;
    private LogPost post = null!;
    private ActBook acts = null!;
    private string pia = "";
    private string sam = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await MessageHouse.BuildAsync(Db, Ct);
        signer = new CheckpointSigner(house.House.Log, new NoteSigner("test.example/audit", new byte[32]));
        witnesses = new Witnesses(Db, signer, []);
        post = new LogPost(Db, signer, witnesses, new StaffMail(house.House.Vault), new Uri("https://privacy.shop.example/"));
        acts = new ActBook(Db, house.House.Log, new AnomalySettings { BulkCustomers = 5, Denials = 10 });
        pia = await AddAsync("Pia", ["privacy-officer", "auditor"], "pia@shop.example");
        await AddAsync("Ollie", ["auditor"], "ollie@shop.example");
        sam = await AddAsync("Sam", ["agent"], "sam@shop.example");
    }

    public override async ValueTask DisposeAsync()
    {
        witnesses.Dispose();
        await house.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_checkpoint_goes_out_once_a_day_and_verifies()
    {
        await SequenceAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => post.MailCheckpointAsync(Ct))));
        Assert.Equal(1, made.Sum());
        await house.Room.StaffSender.SendDueAsync(100, Ct);
        Assert.Equal(["\"Ollie\" <ollie@shop.example>", "\"Pia\" <pia@shop.example>"], house.Mails().Select(m => m.To.ToString()).Order(StringComparer.Ordinal));
        var mail = house.Mails()[0];
        var note = Assert.IsType<TextPart>(Assert.Single(mail.Attachments)).Text.ReplaceLineEndings("\n");
        var size = Checkpoint.Parse(SignedNote.Open(note, signer.Key)).Size;
        Assert.Contains($"Entries: {size}", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("New since", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains(signer.Key.ToString(), mail.TextBody, StringComparison.Ordinal);
        Clock.Advance(TimeSpan.FromDays(1));
        await ReadsAsync(sam, 3);
        Assert.Equal(1, await post.MailCheckpointAsync(Ct));
        await house.Room.StaffSender.SendDueAsync(100, Ct);
        Assert.Contains(house.Mails(), m => m.TextBody!.Contains("that was mailed: 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Anomalies_are_found_as_the_log_grows_and_told_to_privacy_officers_at_most_hourly()
    {
        await ReadsAsync(sam, 4);
        await StepAsync();
        Assert.Equal(0, await post.MailFindingsAsync(Ct));
        await ReadsAsync(sam, 3);
        await StepAsync();
        var found = Assert.Single(await OpenAsync());
        Assert.Equal((AnomalyRules.Bulk, "staff:" + sam, 7L, 7), (found.Rule, found.Actor, found.Amount, found.Entries.Count));
        Assert.Equal(1, await post.MailFindingsAsync(Ct));
        await house.Room.StaffSender.SendDueAsync(100, Ct);
        var mail = Assert.Single(house.Mails());
        Assert.Equal("\"Pia\" <pia@shop.example>", mail.To.ToString());
        Assert.Contains("- Sam looked at many customers within an hour: 7 (usual: 0)", mail.TextBody, StringComparison.Ordinal);
        await DenialsAsync(sam, 10);
        await StepAsync();
        Assert.Equal(2, (await OpenAsync()).Count);
        Assert.Equal(0, await post.MailFindingsAsync(Ct));
        Clock.Advance(LogPost.FindingsEvery);
        Assert.Equal(1, await post.MailFindingsAsync(Ct));
        Assert.Equal(0, await post.MailFindingsAsync(Ct));
    }

    // A brief asks for what comes next as well; where the customer has not agreed to that, nobody did anything odd. Who asks without a look does.
    [Theory]
    [InlineData("no-consent", true, 0)]
    [InlineData("objected", true, 0)]
    [InlineData("no-consent", false, 1)]
    [InlineData("role-not-allowed", true, 1)]
    public async Task A_part_of_a_look_that_the_customers_choice_refuses_is_no_refusal_of_the_agent(string reason, bool hasLooked, int found)
    {
        await Db.WriteAsync(async tx =>
        {
            var customer = new byte[16];
            customer[0] = 1;
            for (var i = 0; i < 10; i++)
            {
                foreach (var kind in hasLooked ? (AuditKind[])[AuditKind.Read, AuditKind.Deny] : [AuditKind.Deny])
                {
                    await house.House.Log.AppendAsync(tx, new AuditEvent { Kind = kind, Actor = "staff:" + sam, CustomerRef = customer, Purpose = "support", Reason = kind == AuditKind.Deny ? reason : null }, Ct);
                }
            }

            return true;
        }, Ct);
        await SequenceAsync();
        await StepAsync();
        Assert.Equal(found, (await OpenAsync()).Count(a => a.Rule == AnomalyRules.Denials));
    }

    [Fact]
    public async Task What_was_there_before_tells_what_is_usual_and_is_not_judged()
    {
        await ReadsAsync(sam, 7);
        await acts.BeginAsync(Ct);
        await StepAsync();
        Assert.Empty(await OpenAsync());
        await acts.BeginAsync(Ct);
        await ReadsAsync(sam, 1);
        await StepAsync();
        Assert.Equal(8, Assert.Single(await OpenAsync()).Amount);
    }

    // Several nodes at once, and one that stops in between: nothing is found twice and nothing is left out.
    [Fact]
    public async Task Several_nodes_find_the_same_once()
    {
        for (var i = 0; i < 5; i++)
        {
            await ReadsAsync(sam, 3);
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => new ActBook(Db, house.House.Log, new AnomalySettings { BulkCustomers = 5, Denials = 10 }).StepAsync(2000, Ct))));
        }

        await StepAsync();
        Assert.Equal(15, Assert.Single(await OpenAsync()).Amount);
        Assert.Equal(15, await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM audit_act", null, Ct), Ct));
    }

    [Fact]
    public async Task A_privacy_officer_says_what_it_was_once_and_not_about_themselves()
    {
        var desk = new LogDesk(Db, house.House.Log, house.House.Access, house.House.Vault);
        await ReadsAsync(sam, 7);
        await ReadsAsync(pia, 7);
        await StepAsync();
        var (officer, agent) = (await SignInAsync(pia), await SignInAsync(sam));
        var all = await OpenAsync();
        var (hers, his) = (all.Single(a => a.Actor.EndsWith(pia, StringComparison.Ordinal)), all.Single(a => a.Actor.EndsWith(sam, StringComparison.Ordinal)));
        Assert.Equal(Candor.Gate.ReasonCode.RoleNotAllowed, (await desk.ReviewAsync(agent, his.Id, true, "it was me", Ct)).Refused);
        Assert.Equal("governance/own-finding", (await Assert.ThrowsAsync<Fault>(() => desk.ReviewAsync(officer, hers.Id, true, "it was me", Ct))).What);
        Assert.Equal("governance/bad-words", (await Assert.ThrowsAsync<Fault>(() => desk.ReviewAsync(officer, his.Id, true, " ", Ct))).What);
        Assert.NotNull((await desk.ReviewAsync(officer, his.Id, true, "a campaign", Ct)).Given);
        Assert.Equal("governance/reviewed", (await Assert.ThrowsAsync<Fault>(() => desk.ReviewAsync(officer, his.Id, false, "or not", Ct))).What);
        Assert.Equal("governance/no-such-finding", (await Assert.ThrowsAsync<Fault>(() => desk.ReviewAsync(officer, "0123456789abcdef", false, "x", Ct))).What);
        var reviewed = Assert.Single(await Db.ReadAsync(tx => AnomalyBook.ListAsync(tx, onlyOpen: false, 10, Ct), Ct));
        Assert.Equal((AnomalyBook.FalseAlarm, "a campaign", pia), (reviewed.State, reviewed.Words, reviewed.ReviewedBy));
        await SequenceAsync();
        var entry = (await Db.ReadAsync(tx => new LogSearch(house.House.Log).FindAsync(tx, new LogQuery { Kind = AuditKind.Admin, Actor = "staff:" + pia }, null, 5, Ct), Ct)).Entries[0].Entry.Event;
        Assert.Equal(("finding:" + his.Id, "false-alarm"), (entry.Subject, entry.Reason));
        // What was reviewed stays so when more of the same comes.
        await ReadsAsync(sam, 3);
        await StepAsync();
        Assert.DoesNotContain(await OpenAsync(), a => a.Id == his.Id);
    }

    [Fact]
    public async Task The_entries_of_a_customer_are_for_a_privacy_officer_with_a_reason_and_the_look_is_one_of_them()
    {
        var desk = new LogDesk(Db, house.House.Log, house.House.Access, house.House.Vault);
        var ada = await house.AddAsync("ada", Ct);
        await Db.WriteAsync(async tx => { await house.House.Log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Read, Actor = "staff:" + sam, CustomerRef = ada.AuditRef }, Ct); }, Ct);
        var (officer, agent) = (await SignInAsync(pia), await SignInAsync(sam));
        Assert.Equal(Candor.Gate.ReasonCode.RoleNotAllowed, (await desk.OfCustomerAsync(agent, "ada", "I want to know", null, Ct)).Refused);
        Assert.Equal("governance/bad-reason", (await Assert.ThrowsAsync<Fault>(() => desk.OfCustomerAsync(officer, "ada", "because", null, Ct))).What);
        Assert.False((await desk.OfCustomerAsync(officer, "nobody", "complaint 17 of May", null, Ct)).Given!.IsKnown);
        var first = (await desk.OfCustomerAsync(officer, "ada", "complaint 17 of May", null, Ct)).Given!;
        Assert.Equal(["deny", "read"], first.Entries.Select(e => e.Event.Kind.ToString().ToLowerInvariant()).Order(StringComparer.Ordinal));
        Clock.Advance(TimeSpan.FromSeconds(1));
        var look = (await desk.OfCustomerAsync(officer, "ada", "complaint 17 of May", null, Ct)).Given!.Entries.Single(e => e.Event is { Kind: AuditKind.Read, Subject: LogDesk.CustomerSubject });
        Assert.Equal(("staff:" + pia, false), (look.Event.Actor, look.Event.SealedDetail is null));
        await Db.WriteAsync(async tx => await house.House.Access.ChangeStaffAsync(tx, pia, ["auditor"], false, "test", Ct), Ct);
        Assert.Equal(Candor.Gate.ReasonCode.RoleNotAllowed, (await desk.OfCustomerAsync(officer, "ada", "complaint 17 of May", null, Ct)).Refused);
    }

    [Fact]
    public async Task A_copy_of_the_log_is_for_auditors_and_is_in_the_log()
    {
        var desk = new LogDesk(Db, house.House.Log, house.House.Access, house.House.Vault);
        await ReadsAsync(sam, 7);
        var (officer, agent) = (await SignInAsync(pia), await SignInAsync(sam));
        Assert.Equal(7, (await desk.ExportAsync(officer, new LogQuery { Kind = AuditKind.Read }, Ct)).Given!.Count);
        Assert.Equal(Candor.Gate.ReasonCode.RoleNotAllowed, (await desk.ExportAsync(agent, new LogQuery(), Ct)).Refused);
        await SequenceAsync();
        var entries = (await Db.ReadAsync(tx => new LogSearch(house.House.Log).FindAsync(tx, new LogQuery { Kind = AuditKind.Export }, null, 5, Ct), Ct)).Entries;
        Assert.Equal(("staff:" + pia, "log-export", "7"), Assert.Single(entries).Entry.Event is var e ? (e.Actor, e.Subject, e.Reason) : default);
    }

    [Fact]
    public async Task The_alarm_is_raised_once_for_what_the_self_check_found()
    {
        await ReadsAsync(sam, 7);
        var check = new LogSelfCheck(Db, house.House.Log, signer.Key);
        await check.StepAsync(Ct);
        Assert.Equal(0, await post.MailAlarmsAsync(Ct));
        await Db.WriteAsync(async tx => { await tx.RunAsync("UPDATE audit_entry SET time_us = time_us + 1 WHERE idx = 3", null, Ct); }, Ct);
        Clock.Advance(TimeSpan.FromDays(1));
        await check.StepAsync(Ct);
        Assert.Equal(1, await post.MailAlarmsAsync(Ct));
        Assert.Equal(0, await post.MailAlarmsAsync(Ct));
        await house.Room.StaffSender.SendDueAsync(100, Ct);
        Assert.Equal(2, house.Mails().Count);
        Assert.All(house.Mails(), m => Assert.Contains("changed, taken out or moved", m.TextBody, StringComparison.Ordinal));
    }

    private Task<string> AddAsync(string name, string[] roles, string email) => Db.WriteAsync(async tx =>
    {
        var id = await house.House.Access.AddStaffAsync(tx, name, roles, Clock.GetUtcNow().AddYears(1), "test", Ct);
        await tx.RunAsync("UPDATE staff SET email = @email WHERE staff_id = @id", new { email, id }, Ct);
        return id;
    }, Ct);

    private async Task<CallerToken> SignInAsync(string staffId) => CallerToken.Parse(await Db.WriteAsync(tx => house.House.Access.OpenStaffSessionAsync(tx, staffId, tx.Now, Ct), Ct));

    private Task ReadsAsync(string staffId, int customers) => AppendAsync(staffId, AuditKind.Read, customers);

    private Task DenialsAsync(string staffId, int count) => AppendAsync(staffId, AuditKind.Deny, count);

    private async Task AppendAsync(string staffId, AuditKind kind, int count)
    {
        await Db.WriteAsync(async tx =>
        {
            for (var i = 0; i < count; i++)
            {
                await house.House.Log.AppendAsync(tx, new AuditEvent { Kind = kind, Actor = "staff:" + staffId, Purpose = "support", CustomerRef = System.Security.Cryptography.RandomNumberGenerator.GetBytes(16) }, Ct);
            }
        }, Ct);
        await SequenceAsync();
    }

    private async Task SequenceAsync()
    {
        while (Db.IsClustered && await house.House.Log.SequenceAsync(500, Ct) > 0)
        {
        }
    }

    private async Task StepAsync()
    {
        while (await acts.StepAsync(2000, Ct) == 2000)
        {
        }
    }

    private Task<IReadOnlyList<FoundAnomaly>> OpenAsync() => Db.ReadAsync(tx => AnomalyBook.ListAsync(tx, onlyOpen: true, 10, Ct), Ct);
}
