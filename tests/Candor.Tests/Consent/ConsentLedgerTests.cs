using Candor.Consent;
using Candor.Kernel;
using Candor.Tests.Storage;

namespace Candor.Tests.Consent;

public sealed class ConsentLedgerOnSqlite : ConsentLedgerTests<Sqlite>;

public sealed class ConsentLedgerOnPostgres : ConsentLedgerTests<Postgres>;

public abstract class ConsentLedgerTests<TEngine> : ConsentTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);

    [Fact]
    public async Task A_given_consent_is_a_record_and_a_state()
    {
        var given = await GiveAsync(Ada, "letters");
        Assert.Equal((ConsentEvent.Given, 1L, 1L), (given.Event, given.Version, given.CatalogVersion));
        Assert.Equal(Clock.GetUtcNow(), given.At);
        Assert.Equal(Clock.GetUtcNow().AddDays(30), given.ExpiresAt);
        Assert.Equal(Method, given.Method);
        Assert.Equal('4', given.Id[14]);
        Assert.Equal([given], await HistoryAsync(Ada));
        Assert.Equal(
            [new Choice(PurposeId.Parse("letters"), ConsentState.Given, 1, 1, NoticeIn("en").Hash, Micros.From(given.At), Micros.From(given.ExpiresAt))],
            await StateAsync(Ada));
        Assert.Empty(await StateAsync(Bob));
    }

    [Fact]
    public async Task A_consent_given_while_it_runs_is_renewed_and_its_time_starts_anew()
    {
        await GiveAsync(Ada, "letters");
        Clock.Advance(TimeSpan.FromDays(29));
        var renewed = await GiveAsync(Ada, "letters");
        Assert.Equal((ConsentEvent.Renewed, 2L), (renewed.Event, renewed.Version));
        Assert.Equal(Clock.GetUtcNow().AddDays(30), renewed.ExpiresAt);
        Assert.Equal(ConsentState.Given, Assert.Single(await StateAsync(Ada)).State);
    }

    [Fact]
    public async Task A_consent_counts_until_just_before_it_expires()
    {
        await GiveAsync(Ada, "letters");
        Clock.Advance(TimeSpan.FromDays(30) - Microsecond);
        Assert.Equal(ConsentState.Given, Assert.Single(await StateAsync(Ada)).State);
        Assert.Empty(await ExpireDueAsync());
        Clock.Advance(Microsecond);
        Assert.Equal(ConsentState.Expired, Assert.Single(await StateAsync(Ada)).State);
        Assert.Equal(ConsentEvent.Expired, Assert.Single(await ExpireDueAsync()).Event);
        Assert.Equal(ConsentState.Expired, Assert.Single(await StateAsync(Ada)).State);
        Assert.Empty(await ExpireDueAsync());
    }

    [Fact]
    public async Task A_consent_without_an_end_does_not_expire()
    {
        Assert.Null((await GiveAsync(Ada, SmallShop.Purpose(Shop, "suggestions") with { ConsentLasts = null })).ExpiresAt);
        Clock.Advance(TimeSpan.FromDays(9999));
        Assert.Empty(await ExpireDueAsync());
        Assert.Equal(ConsentState.Given, Assert.Single(await StateAsync(Ada)).State);
    }

    [Fact]
    public async Task The_expired_record_is_written_before_anything_else_even_when_no_job_ran()
    {
        await GiveAsync(Ada, "letters");
        Clock.Advance(TimeSpan.FromDays(31));
        await GiveAsync(Ada, "letters");
        Assert.Equal([ConsentEvent.Given, ConsentEvent.Expired, ConsentEvent.Given], (await HistoryAsync(Ada)).Select(r => r.Event));
    }

    [Fact]
    public async Task Expiring_writes_at_most_as_many_as_asked_for()
    {
        for (var i = 0; i < 5; i++)
        {
            await GiveAsync(CustomerId.New(), "letters");
        }

        Clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal(3, (await ExpireDueAsync(3)).Count);
        Assert.Equal(2, (await ExpireDueAsync(3)).Count);
    }

    [Fact]
    public async Task Withdrawing_twice_answers_the_first_record()
    {
        await GiveAsync(Ada, "letters");
        var first = await WithdrawAsync(Ada, "letters");
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(first, await WithdrawAsync(Ada, "letters"));
        Assert.Equal(ConsentState.Withdrawn, Assert.Single(await StateAsync(Ada)).State);
        Assert.Equal(2, (await HistoryAsync(Ada)).Count);
    }

    [Fact]
    public async Task Withdrawing_what_was_never_given_is_refused() =>
        Assert.Equal((FaultKind.Conflict, "consent/nothing-to-withdraw"), KindOf(await FaultOfAsync(() => WithdrawAsync(Ada, "letters"))));

    [Fact]
    public async Task A_no_to_a_running_consent_withdraws_it_and_any_other_no_is_a_refusal()
    {
        Assert.Equal(ConsentEvent.Refused, (await RefuseAsync("letters")).Event);
        Assert.Equal(ConsentState.Refused, Assert.Single(await StateAsync(Ada)).State);
        await GiveAsync(Ada, "letters");
        Assert.Equal(ConsentEvent.Withdrawn, (await RefuseAsync("letters")).Event);
        Assert.Equal(ConsentState.Withdrawn, Assert.Single(await StateAsync(Ada)).State);
    }

    [Theory]
    [InlineData("support", "consent/not-asked-for")]
    [InlineData("counting", "consent/not-asked-for")]
    [InlineData("plans", "consent/purpose-not-active")]
    public async Task Consent_is_given_only_to_an_active_purpose_that_rests_on_it(string purpose, string what)
    {
        Assert.Equal((FaultKind.Invalid, what), KindOf(await FaultOfAsync(() => GiveAsync(Ada, purpose))));
        Assert.Equal((FaultKind.Invalid, what), KindOf(await FaultOfAsync(() => RefuseAsync(purpose))));
        Assert.Empty(await HistoryAsync(Ada));
    }

    [Fact]
    public async Task An_objection_stands_until_it_is_lifted()
    {
        var first = await ObjectAsync("counting");
        Assert.Equal(first, await ObjectAsync("counting"));
        Assert.Equal(ConsentState.Objected, Assert.Single(await StateAsync(Ada)).State);
        Assert.Equal(ConsentEvent.ObjectionLifted, (await LiftAsync("counting")).Event);
        Assert.Empty(await StateAsync(Ada));
        Assert.Equal((FaultKind.Conflict, "consent/nothing-to-lift"), KindOf(await FaultOfAsync(() => LiftAsync("counting"))));
    }

    [Theory]
    [InlineData("letters")]
    [InlineData("support")]
    public async Task An_objection_needs_a_purpose_that_rests_on_legitimate_interest(string purpose) =>
        Assert.Equal((FaultKind.Invalid, "consent/no-objection-here"), KindOf(await FaultOfAsync(() => ObjectAsync(purpose))));

    [Fact]
    public async Task A_restriction_stands_beside_the_choices()
    {
        await GiveAsync(Ada, "letters");
        var restricted = await Db.WriteAsync(tx => Ledger.RestrictAsync(tx, Ada, Method, "en", Ct), Ct);
        Assert.Null(restricted.Purpose);
        Assert.Equal(restricted, await Db.WriteAsync(tx => Ledger.RestrictAsync(tx, Ada, Method, "en", Ct), Ct));
        Assert.Equal(restricted.At, await Db.ReadAsync(tx => Ledger.RestrictedSinceAsync(tx, Ada, Ct), Ct));
        Assert.Equal("letters", Assert.Single(await StateAsync(Ada)).Purpose.Value);
        await Db.WriteAsync(tx => Ledger.LiftRestrictionAsync(tx, Ada, Method, "en", Ct), Ct);
        Assert.Null(await Db.ReadAsync(tx => Ledger.RestrictedSinceAsync(tx, Ada, Ct), Ct));
        Assert.Equal("consent/nothing-to-lift", (await FaultOfAsync(() => Db.WriteAsync(tx => Ledger.LiftRestrictionAsync(tx, Ada, Method, "en", Ct), Ct))).What);
        Assert.Equal([1L, 2L, 3L], (await HistoryAsync(Ada)).Select(r => r.Version));
    }

    [Fact]
    public async Task Concurrent_changes_of_one_customer_leave_no_gap_and_no_twin()
    {
        await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() => GiveAsync(Ada, i % 2 == 0 ? "letters" : "suggestions"), Ct)));
        var history = await HistoryAsync(Ada);
        Assert.Equal(Enumerable.Range(1, 24).Select(v => (long)v), history.Select(r => r.Version));
        Assert.Equal(2, history.Count(r => r.Event == ConsentEvent.Given));
        Assert.Equal(24, history.Select(r => r.Id).Distinct().Count());
    }

    [Fact]
    public async Task Erasing_removes_one_customer_whole_and_nobody_else()
    {
        await GiveAsync(Ada, "letters");
        await GiveAsync(Bob, "letters");
        await Db.WriteAsync(tx => Ledger.EraseAsync(tx, Ada, Ct), Ct);
        Assert.Empty(await HistoryAsync(Ada));
        Assert.Empty(await StateAsync(Ada));
        Assert.Single(await HistoryAsync(Bob));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(ConsentLedger.MaxMethodLength + 1)]
    public async Task A_method_is_named_in_few_words(int length) =>
        Assert.Equal((FaultKind.Invalid, "consent/bad-method"), KindOf(await FaultOfAsync(() => Db.WriteAsync(tx =>
            Ledger.GiveAsync(tx, Ada, SmallShop.Purpose(Shop, "letters"), Shop, NoticeIn("en"), new string('x', length), Ct), Ct))));

    [Fact]
    public async Task A_record_is_found_by_its_number()
    {
        var given = await GiveAsync(Ada, "letters");
        Assert.Equal(given, await Db.ReadAsync(tx => Ledger.FindAsync(tx, Ada, 1, Ct), Ct));
        Assert.Null(await Db.ReadAsync(tx => Ledger.FindAsync(tx, Ada, 2, Ct), Ct));
    }

    private static (FaultKind Kind, string What) KindOf(Fault fault) => (fault.Kind, fault.What);

    private Task<IReadOnlyList<ConsentRecord>> ExpireDueAsync(int count = 100) => Db.WriteAsync(tx => Ledger.ExpireDueAsync(tx, count, Ct), Ct);

    private Task<ConsentRecord> RefuseAsync(string purpose) => Db.WriteAsync(tx =>
        Ledger.RefuseAsync(tx, Ada, SmallShop.Purpose(Shop, purpose), Shop, NoticeIn("en"), Method, Ct), Ct);

    private Task<ConsentRecord> ObjectAsync(string purpose) => Db.WriteAsync(tx =>
        Ledger.ObjectAsync(tx, Ada, SmallShop.Purpose(Shop, purpose), Shop, Method, "en", Ct), Ct);

    private Task<ConsentRecord> LiftAsync(string purpose) => Db.WriteAsync(tx =>
        Ledger.LiftObjectionAsync(tx, Ada, PurposeId.Parse(purpose), Method, "en", Ct), Ct);
}
