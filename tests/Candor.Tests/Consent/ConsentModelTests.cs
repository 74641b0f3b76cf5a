using System.Collections.Immutable;
using Candor.Consent;
using Candor.Kernel;
using Candor.Storage;
using Candor.Tests.Storage;
using CsCheck;

namespace Candor.Tests.Consent;

public sealed class ConsentModelOnSqlite : ConsentModelTests<Sqlite>;

public sealed class ConsentModelOnPostgres : ConsentModelTests<Postgres>;

/// <summary>Random lives of a customer, compared step by step with a model that knows no database.</summary>
public abstract class ConsentModelTests<TEngine> : ConsentTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly Gen<(string Do, string Purpose)> Step = Gen.Select(
        OneOf("give", "give", "withdraw", "refuse", "object", "lift", "restrict", "unrestrict", "expire", "wait", "wait"),
        OneOf("letters", "suggestions", "counting"));

    [Fact]
    public Task Any_sequence_of_choices_ends_where_the_model_does() =>
        Step.Array[1, 40].SampleAsync(LiveAsync, iter: 200, threads: 1);

    private async Task LiveAsync((string Do, string Purpose)[] steps)
    {
        var customer = CustomerId.New();
        var model = new Model(ImmutableSortedDictionary<string, (string, DateTimeOffset?)>.Empty, []);
        IReadOnlyList<ConsentRecord> before = [];
        foreach (var (what, named) in steps)
        {
            var purpose = what is "restrict" or "unrestrict" ? "*" : named;
            if (what == "wait")
            {
                Clock.Advance(TimeSpan.FromDays(16));
                continue;
            }

            (model, var expected) = model.After(what, purpose, Clock.GetUtcNow());
            Assert.Equal(expected, await DoAsync(customer, what, purpose));
            var history = await HistoryAsync(customer);
            Assert.Equal(before, history.Take(before.Count));
            Assert.Equal(model.Events, history.Select(r => $"{r.Version} {r.Purpose?.Value ?? "*"} {r.Event.Code()}"));
            Assert.Equal(model.Shown(Clock.GetUtcNow()), (await StateAsync(customer)).Select(c => $"{c.Purpose} {c.State.Code()}"));
            before = history;
        }
    }

    private async Task<string> DoAsync(CustomerId customer, string what, string purpose)
    {
        try
        {
            return await Db.WriteAsync(async tx => what == "expire" ? await ExpireAsync(tx) : (await ActAsync(tx, customer, what, purpose)).Event.Code(), Ct);
        }
        catch (Fault fault)
        {
            return fault.What;
        }
    }

    private async ValueTask<string> ExpireAsync(Transaction tx)
    {
        await Ledger.ExpireDueAsync(tx, 1000, Ct);
        return "expire";
    }

    private ValueTask<ConsentRecord> ActAsync(Transaction tx, CustomerId customer, string what, string purpose) => what switch
    {
        "give" => Ledger.GiveAsync(tx, customer, SmallShop.Purpose(Shop, purpose), Shop, NoticeIn("de"), Method, Ct),
        "refuse" => Ledger.RefuseAsync(tx, customer, SmallShop.Purpose(Shop, purpose), Shop, NoticeIn("en"), Method, Ct),
        "withdraw" => Ledger.WithdrawAsync(tx, customer, PurposeId.Parse(purpose), Method, "en", Ct),
        "object" => Ledger.ObjectAsync(tx, customer, SmallShop.Purpose(Shop, purpose), Shop, Method, "en", Ct),
        "lift" => Ledger.LiftObjectionAsync(tx, customer, PurposeId.Parse(purpose), Method, "en", Ct),
        "restrict" => Ledger.RestrictAsync(tx, customer, Method, "en", Ct),
        _ => Ledger.LiftRestrictionAsync(tx, customer, Method, "en", Ct),
    };

    private static Gen<string> OneOf(params string[] names) => Gen.Int[0, names.Length - 1].Select(i => names[i]);

    private sealed record Model(ImmutableSortedDictionary<string, (string State, DateTimeOffset? Ends)> States, ImmutableList<string> Events)
    {
        public (Model Next, string Answer) After(string what, string p, DateTimeOffset now)
        {
            var due = States.Where(s => Overdue(s.Value, now) && (what == "expire" || s.Key == p)).OrderBy(s => s.Key, StringComparer.Ordinal);
            var m = due.Aggregate(this, (m, s) => m.With(s.Key, "expired", "expired").Next);
            return (what, m.States.GetValueOrDefault(p).State) switch
            {
                ("expire", _) => (m, "expire"),
                ("give" or "refuse", _) when p == "counting" => (this, "consent/not-asked-for"),
                ("object", _) when p != "counting" => (this, "consent/no-objection-here"),
                ("give", var was) => m.With(p, "given", was == "given" ? "renewed" : "given", p == "letters" ? now.AddDays(30) : now.AddYears(2)),
                ("refuse" or "withdraw", "given") or ("withdraw", "expired") => m.With(p, "withdrawn", "withdrawn"),
                ("refuse", _) => m.With(p, "refused", "refused"),
                ("withdraw", "withdrawn") or ("object", "objected") or ("restrict", "restricted") => (m, m.States[p].State),
                ("withdraw", _) => (this, "consent/nothing-to-withdraw"),
                ("object", _) => m.With(p, "objected", "objected"),
                ("lift", "objected") => m.With(p, null, "objection-lifted"),
                ("restrict", _) => m.With(p, "restricted", "restricted"),
                ("unrestrict", "restricted") => m.With(p, null, "restriction-lifted"),
                _ => (this, "consent/nothing-to-lift"),
            };
        }

        public IEnumerable<string> Shown(DateTimeOffset now) =>
            States.Where(s => s.Key != "*").Select(s => $"{s.Key} {(Overdue(s.Value, now) ? "expired" : s.Value.State)}");

        private static bool Overdue((string State, DateTimeOffset? Ends) s, DateTimeOffset now) => s.State == "given" && s.Ends <= now;

        private (Model Next, string Answer) With(string p, string? state, string what, DateTimeOffset? ends = null) =>
            (new(state is null ? States.Remove(p) : States.SetItem(p, (state, ends)), Events.Add($"{Events.Count + 1} {p} {what}")), what);
    }
}
