using System.Collections.Frozen;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Tests.Catalog;
using CsCheck;

namespace Candor.Tests.Reads;

/// <summary>What the gate gives an AI assistant: never more than a service with the same key gets, and nothing without the customer's consent to AI assistance.</summary>
public sealed class AssistanceGateTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly DataPointId[] Points = [.. new[] { "name", "orders", "views" }.Select(DataPointId.Parse)];

    private static readonly Gen<FrozenDictionary<DataPointId, Necessity>> Uses =
        Gen.Int[1, 7].Select(bits => Points.Where((_, i) => (bits >> i & 1) == 1).ToFrozenDictionary(p => p, _ => Necessity.High));

    private static readonly Gen<ActorState> Services =
        from revoked in Gen.Int[0, 9].Select(i => i == 0)
        from over in Gen.Int[0, 9].Select(i => i == 0)
        from ends in Gen.Int[-1, 6]
        from scope in Gen.Int[0, 4].Select(i => i == 0 ? "other" : i == 1 ? "help" : "*")
        from service in Gen.Int[0, 7].Select(i => i == 0 ? "mailer" : "shop")
        select new ActorState { Kind = ActorKind.Service, Ref = "k", Service = service, Scope = scope, IsRevoked = revoked, IsOverReadBudget = over, ExpiresAt = Now.AddDays(ends) };

    private static readonly Gen<Choice?> Choices =
        from state in Gen.Enum<ConsentState>()
        from given in Gen.Bool
        from none in Gen.Int[0, 7]
        from ends in Gen.Int[0, 4]
        from version in Gen.Long[1, 3]
        select none == 0 ? null : new Choice(PurposeId.Parse("help"), given ? ConsentState.Given : state, 1, version, "", 0, ends == 4 ? null : Micros.From(Now.AddDays(ends == 0 ? -1 : 1)));

    private static readonly Gen<ReadQuestion> Questions =
        from actor in Services
        from purpose in Purposes("help", Gen.Enum<LegalBasis>())
        from covering in Purposes(PurposeCatalog.AiAssistance.Value, Gen.Frequency((6, Gen.Const(LegalBasis.Consent)), (1, Gen.Enum<LegalBasis>())))
        from choice in Choices
        from assistance in Choices
        from since in Gen.Long[0, 3]
        from flags in Gen.Int[0, 15]
        from asked in Gen.Int[0, 7]
        from hasCase in Gen.Bool
        select new ReadQuestion(
            actor, purpose, flags == 12 ? default : Approval.Lasting, flags == 15 ? null : new CustomerState(CustomerId.New(), choice, since, IsRestricted: flags == 14),
            [.. Points.Where((_, i) => (asked >> i & 1) == 1)], hasCase ? "T-1" : null, Now, 7)
        { Assistance = flags == 13 ? null : new Assistance(covering, assistance, since, flags == 11 ? new Approval(true, Now) : Approval.Lasting) };

    private static readonly Func<ReadQuestion, Decision>[] Ways = [Permit.DecideRead, Permit.DecideEmergency, Permit.DecideLegalDuty];

    [Fact]
    public void An_assistant_gets_no_more_than_a_service_and_nothing_without_consent_to_ai_assistance() => Questions.Sample(q =>
    {
        foreach (var decide in Ways)
        {
            var (service, assistant) = (decide(q), decide(AsAssistant(q)));
            if (assistant is not Decision.Allowed given)
            {
                continue;
            }

            // Told from the questions alone, not with the code under test.
            var agreed = q.Assistance is { Purpose: { Active: true, Basis: LegalBasis.Consent }, Choice: { State: ConsentState.Given } yes, ConsentSince: var since, Approval.Until: null }
                && yes.CatalogVersion >= since && (yes.ExpiresAtUs is not { } end || end > Micros.From(Now)) && q.Customer is { IsRestricted: false };
            var asService = (service as Decision.Allowed)?.Permit.DataPoints;
            if (!agreed || asService is null || given.Permit.DataPoints.Any(d => !asService.Contains(d) || !q.Assistance!.Purpose!.Uses.ContainsKey(d)))
            {
                return false;
            }
        }

        return true;
    }, iter: 40_000);

    [Fact]
    public void With_that_consent_it_gets_exactly_what_both_purposes_use() => Questions.Sample(q =>
    {
        var open = q with
        {
            Assistance = new Assistance(Purpose(PurposeCatalog.AiAssistance.Value, LegalBasis.Consent, q.Assistance?.Purpose?.Uses ?? Points.ToFrozenDictionary(p => p, _ => Necessity.Low), true, false),
                new Choice(PurposeCatalog.AiAssistance, ConsentState.Given, 1, 9, "", 0, null), 0, Approval.Lasting),
        };
        var expected = Permit.DecideRead(open) switch
        {
            Decision.Allowed { Permit.DataPoints: var points } => [.. points.Where(open.Assistance.Purpose!.Uses.ContainsKey)],
            _ => (DataPointId[]?)null,
        };
        return Permit.DecideRead(AsAssistant(open)) switch
        {
            Decision.Allowed { Permit.DataPoints: var points } => expected is not null && points.SequenceEqual(expected) && (points.Count > 0 || q.Asked.Count == 0),
            Decision.Denied { Reason: ReasonCode.Restricted } => q.Customer!.IsRestricted,
            Decision.Denied => expected is null or { Length: 0 },
            _ => false,
        };
    }, iter: 20_000);

    [Fact]
    public void The_properties_meet_both_answers_and_every_reason_that_an_assistant_can_be_given()
    {
        var met = new HashSet<string>();
        Questions.Sample(q =>
        {
            lock (met)
            {
                met.Add(Permit.DecideRead(AsAssistant(q)) is Decision.Denied { Reason: var r } ? (Permit.DecideRead(q) is Decision.Allowed ? "only it: " : "") + r : "allowed");
            }
        }, iter: 40_000);
        Assert.Superset(new HashSet<string>
        {
            "allowed", "only it: NoConsent", "only it: ConsentWithdrawn", "only it: ConsentExpired", "only it: ConsentOutdated", "only it: PurposeNotActive", "only it: NotForThisPurpose", "only it: Restricted",
            "SessionEnded", "RoleNotAllowed", "OverReadBudget", "NoCase", "UnknownPurpose", "PurposeNotActive", "NoSuchCustomer", "Objected", "NotForThisPurpose",
        }.Where(m => m != "only it: Restricted").ToHashSet(), met);
    }

    [Fact]
    public void What_it_is_told_that_it_may_ask_for_is_what_the_gate_gives_who_agreed_to_everything()
    {
        var yaml = AssistantReads.Yaml;
        var active = new ActiveCatalog(1, PurposeCatalog.Read(yaml, "candor.yaml"), FrozenDictionary<PurposeId, long>.Empty);
        foreach (var scope in new[] { "*", "help", "suggestions news", "none" })
        {
            var actor = new ActorState { Kind = ActorKind.Service, Ref = "k", Service = AssistantReads.Service, Scope = scope, Assistant = "Helper" };
            var told = Assistance.OffersTo(actor, active).ToDictionary(o => o.Purpose.Id, o => o.DataPoints);
            foreach (var purpose in active.Catalog.Purposes.Values)
            {
                var yes = new Choice(purpose.Id, ConsentState.Given, 1, 1, "", 0, null);
                var q = new ReadQuestion(actor, purpose, Approval.Lasting, new CustomerState(CustomerId.New(), purpose.Basis == LegalBasis.Consent ? yes : null, 0, false), [.. active.Catalog.DataPoints.Keys], "T-1", Now, 1)
                {
                    Assistance = Assistance.Of(actor, active, yes, Approval.Lasting),
                };
                var given = Permit.DecideRead(q) is Decision.Allowed { Permit.DataPoints: var points } ? points.OrderBy(p => p.Value, StringComparer.Ordinal) : Enumerable.Empty<DataPointId>();
                Assert.Equal(given, told.GetValueOrDefault(purpose.Id) ?? []);
            }
        }

        Assert.Empty(Assistance.OffersTo(new ActorState { Kind = ActorKind.Service, Ref = "k", Service = AssistantReads.Service, Scope = "*" }, active));
    }

    [Fact]
    public void The_purpose_rests_on_consent_or_the_catalog_is_refused()
    {
        var line = AssistantReads.Yaml.Split('\n').Single(l => l.TrimStart().StartsWith("ai-assistance", StringComparison.Ordinal));
        var wrong = AssistantReads.Yaml.Replace(line, line.Replace("basis: consent, consentLasts: P6M", "basis: contract", StringComparison.Ordinal), StringComparison.Ordinal);
        var mistake = Assert.Single(SampleCatalog.MistakesOf(wrong));
        Assert.Contains("found `contract`", mistake.Text, StringComparison.Ordinal);
    }

    private static ReadQuestion AsAssistant(ReadQuestion q) => q with { Actor = q.Actor with { Assistant = "Helper" } };

    private static Gen<Purpose?> Purposes(string id, Gen<LegalBasis> bases) =>
        from basis in bases
        from uses in Uses
        from active in Gen.Int[0, 6]
        from needsCase in Gen.Int[0, 3].Select(i => i == 0)
        from none in Gen.Int[0, 14]
        select none == 0 ? null : Purpose(id, basis, uses, active > 0, needsCase);

    private static Purpose Purpose(string id, LegalBasis basis, FrozenDictionary<DataPointId, Necessity> uses, bool active, bool needsCase) => new()
    {
        Id = PurposeId.Parse(id), Label = new LocalizedText([new("", "Help")]), Why = new LocalizedText([new("", "Help")]), Basis = basis, Uses = uses,
        Services = new[] { "shop" }.ToFrozenSet(), Active = active, NeedsCase = needsCase, Emergency = true,
    };
}
