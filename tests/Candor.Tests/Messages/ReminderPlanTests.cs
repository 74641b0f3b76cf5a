using System.Collections.Frozen;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Messages;
using CsCheck;

namespace Candor.Tests.Messages;

/// <summary>Whatever a customer does and whenever the job runs, they are not written to more often than configured.</summary>
public sealed class ReminderPlanTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 31, 9, 0, 0, TimeSpan.Zero);
    private static readonly CustomerId Ada = CustomerId.Parse(new string('a', 32));
    private static readonly PurposeId[] Ids = [PurposeId.Parse("one"), PurposeId.Parse("two"), PurposeId.Parse("three")];
    private static readonly string?[] Periods = [null, "P1M", "P3M", "P6M", "P45D"];

    /// <summary>One step: days that pass, then what the customer does to a purpose; the job runs on each day or only now and then.</summary>
    private sealed record Step(int Days, int Purpose, int Act, bool JobSleeps);

    private static readonly Gen<Step> Steps = Gen.Select(Gen.Int[0, 60], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Bool, (d, p, a, s) => new Step(d, p, a, s));

    private static readonly Gen<(int Remind, int Ask, int Lasts)[]> Catalogs = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 4]).Array[3];

    [Fact]
    public void No_schedule_gives_two_mails_within_the_interval_or_asks_about_a_refusal_too_early() =>
        Gen.Select(Catalogs, Steps.Array[1, 25]).Sample((purposes, steps) => Run(Catalog(purposes), steps), iter: 2000);

    private static void Run(ActiveCatalog catalog, Step[] steps)
    {
        var (choices, state, mails, version) = (new Dictionary<PurposeId, Choice>(), new ReminderState(), new List<(DateTimeOffset At, ReminderMail Mail)>(), 0L);
        var now = Begin;
        foreach (var step in steps)
        {
            for (var day = 0; day < step.Days; day++)
            {
                now = now.AddDays(1);
                if (step.JobSleeps && day < step.Days - 1)
                {
                    continue;
                }

                var asked = Expired(choices, now);
                if (ReminderPlan.At(catalog, asked, Ada, state, now) is { } mail)
                {
                    Check(catalog, asked, mails, mail, now);
                    mails.Add((now, mail));
                    state = state.After(mail, now);
                }

                // Nothing is due twice at one instant, so the job always ends.
                Assert.False(ReminderPlan.Next(catalog, asked, Ada, state, now) <= now);
            }

            var (id, purpose) = (Ids[step.Purpose], catalog.Catalog.Purposes[Ids[step.Purpose]]);
            var next = step.Act switch { 0 or 1 => ConsentState.Given, 2 => ConsentState.Refused, _ => ConsentState.Withdrawn };
            choices[id] = new Choice(id, next, ++version, 1, "", Micros.From(now), next == ConsentState.Given ? Micros.From(purpose.ConsentLasts?.After(now)) : null);
        }
    }

    private static void Check(ActiveCatalog catalog, IReadOnlyList<Choice> choices, List<(DateTimeOffset At, ReminderMail Mail)> before, ReminderMail mail, DateTimeOffset now)
    {
        var purposes = catalog.Catalog.Purposes;
        var on = choices.Where(c => c.State == ConsentState.Given).ToList();
        var last = before.Count > 0 ? before[^1].At : (DateTimeOffset?)null;
        if (mail.Template == TemplateBlanks.Reminder)
        {
            // Some purpose's interval is over since the choice, and since the last mail of any kind.
            Assert.Contains(on, c => purposes[c.Purpose].RemindEvery is { } every && every.After(Micros.ToInstant(c.ChangedAtUs)) <= now && (last is null || every.After(last.Value) <= now));
        }

        foreach (var refused in mail.Ask)
        {
            var choice = choices.Single(c => c.Purpose == refused);
            Assert.Equal(ConsentState.Refused, choice.State);
            var peace = purposes[refused].AskAgainAfter!;
            Assert.True(peace.After(Micros.ToInstant(choice.ChangedAtUs)) <= now, "A refusal was asked about too early.");
            Assert.All(before.Where(b => b.Mail.Ask.Contains(refused)), b => Assert.True(peace.After(b.At) <= now, "A refusal was asked about again too early."));
        }

        foreach (var expiring in mail.Expiring)
        {
            var choice = choices.Single(c => c.Purpose == expiring);
            Assert.Equal(ConsentState.Given, choice.State);
            Assert.True(Micros.ToInstant(choice.ExpiresAtUs!.Value) - ReminderPlan.BeforeExpiry <= now);
            Assert.DoesNotContain(before, b => b.Mail.Expiring.Contains(expiring) && Micros.From(b.At) > choice.ChangedAtUs);
        }

        Assert.True(mail.Template != TemplateBlanks.AskAgain || mail.Ask.Count > 0);
    }

    private static Choice[] Expired(Dictionary<PurposeId, Choice> choices, DateTimeOffset now) =>
        [.. choices.Values.Select(c => c.State == ConsentState.Given && c.ExpiresAtUs <= Micros.From(now) ? c with { State = ConsentState.Expired } : c)];

    private static ActiveCatalog Catalog((int Remind, int Ask, int Lasts)[] purposes)
    {
        var declared = purposes.Select((p, i) => $"  {Ids[i]}: {{ label: L, why: So that it works., basis: consent, uses: {{ email: high }}, services: [shop]{Setting("remindEvery", p.Remind)}{Setting("askAgainAfter", p.Ask)}{Setting("consentLasts", p.Lasts)} }}");
        var yaml = "organisation: { name: Test Shop, contact: privacy@shop.example, country: GB, languages: [en] }\n"
            + "dataPoints:\n  email: { kind: field, label: E-mail address, category: EmailAddress, retention: while-customer }\npurposes:\n" + string.Join('\n', declared) + "\n";
        return new ActiveCatalog(1, PurposeCatalog.Read(yaml, "candor.yaml"), Ids.ToFrozenDictionary(i => i, _ => 1L));

        static string Setting(string name, int period) => Periods[period] is { } text ? $", {name}: {text}" : "";
    }
}
