using Candor.Audit;
using Candor.Backup;
using Candor.Catalog;
using Candor.Fairness;
using Candor.Governance;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Rights;
using Candor.Server.Hosting;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Catalog;

namespace Candor.Tests.Governance;

/// <summary>How the evidence of a question is made good, and broken.</summary>
/// <param name="Then">The answer to the broken one.</param>
/// <param name="Later">How long after that is looked at.</param>
internal sealed record ChecklistCase(Func<ChecklistCases, Task> Make, Func<ChecklistCases, Task> Break, ChecklistAnswer Then, TimeSpan Later);

/// <summary>Good and broken evidence for each question of the checklist, on an open installation with the ready catalog of a shop.</summary>
internal sealed class ChecklistCases(CandorHost host, Func<string, Task> addCustomer, Func<string, string, Task> give, CancellationToken ct)
{
    private bool isApart = true;

    public static readonly IReadOnlyDictionary<string, ChecklistCase> All = new Dictionary<string, ChecklistCase>
    {
        ["consent-plain"] = Of(Nothing, c => c.ApplyAsync(("We look at what you bought before to guess what you may need soon.", "Notwithstanding contractual obligations, anticipatory behavioural categorisation facilitates individualised merchandising communications.")), ChecklistAnswer.Partial),
        ["consent-languages"] = Of(Nothing, c => c.ApplyAsync(("label: { en: Sending your order, de: Ihre Bestellung }", "label: Sending your order")), ChecklistAnswer.Partial),
        ["consent-ends"] = Of(Nothing, c => c.ApplyAsync(("consentLasts: P12M\n    remindEvery: P6M", "remindEvery: P6M")), ChecklistAnswer.No),
        ["consent-expired"] = Of(async c => { await c.AddAsync(); await c.GiveAsync(); }, Nothing, ChecklistAnswer.No, 400),
        ["consent-withdrawn"] = Of(c => c.ReadAfterAsync(choice: 3), c => c.ReadAfterAsync(choice: 1), ChecklistAnswer.No),
        ["data-used"] = Of(Nothing, c => c.ApplyAsync(("dataPoints:\n", "dataPoints:\n  shoeSize:\n    { kind: field, label: { en: Shoe size, de: Schuhgröße }, category: Preference, retention: while-customer }\n")), ChecklistAnswer.Partial),
        ["less-data"] = Of(c => c.EvaluateAsync(), Nothing, ChecklistAnswer.Partial, 100),
        ["retention-run"] = Of(c => c.RetainAsync(), Nothing, ChecklistAnswer.Partial, 3),
        ["retention-left"] = Of(c => c.RetainAsync(), c => c.LeaveAsync(), ChecklistAnswer.No),
        ["values-clean"] = Of(c => c.LookAsync(), c => c.MarkAsync(), ChecklistAnswer.No),
        ["two-factors"] = Of(c => c.EmployAsync("Ann", hasFactor: true), c => c.EmployAsync("Bob"), ChecklistAnswer.Partial),
        ["training"] = Of(c => c.EmployAsync("Ann"), Nothing, ChecklistAnswer.No, 4_000),
        ["keys-in-use"] = Of(c => c.MakeKeyAsync(), Nothing, ChecklistAnswer.No, 100),
        ["root-key"] = Of(Nothing, c => { c.isApart = false; return Task.CompletedTask; }, ChecklistAnswer.No),
        ["old-keys"] = Of(Nothing, c => c.RotateAsync(), ChecklistAnswer.Partial),
        ["backups"] = Of(c => c.BackUpAsync(), Nothing, ChecklistAnswer.No, 30),
        ["log-whole"] = Of(c => c.CheckAsync(null), c => c.CheckAsync("leaf at 3"), ChecklistAnswer.No),
        ["log-witness"] = Of(c => c.WitnessAsync(), Nothing, ChecklistAnswer.No, 2),
        ["anomalies"] = Of(Nothing, c => c.FindAsync(), ChecklistAnswer.Partial),
        ["emergencies"] = Of(Nothing, c => c.ReadInEmergencyAsync(), ChecklistAnswer.No, 8),
        ["incidents"] = Of(Nothing, c => c.OpenIncidentAsync(), ChecklistAnswer.No, 4),
        ["approved"] = Of(Nothing, c => c.WriteAsync(tx => PurposeApprovals.EndAsync(tx, PurposeId.Parse("order-fulfilment"), null, c.Ct)), ChecklistAnswer.Partial),
        ["reviews"] = Of(c => c.ApproveAsync(), Nothing, ChecklistAnswer.No, 40),
        ["assessed"] = Of(c => c.AssessAsync(), c => c.ApplyAsync(("de: Was Sie bald brauchen", "de: Was Ihnen fehlt")), ChecklistAnswer.Partial),
        ["recipients"] = Of(c => c.ApplyTextAsync(Contracted), c => c.ApplyTextAsync(ReadyCatalogs.Text("shop")), ChecklistAnswer.Partial),
        ["requests-open"] = Of(c => c.RequestAsync(-5, null, dueIn: 5), c => c.RequestAsync(-40, null, dueIn: -5), ChecklistAnswer.No),
        ["requests-in-time"] = Of(c => c.RequestAsync(-40, -35, dueIn: -10), c => c.RequestAsync(-40, -5, dueIn: -10), ChecklistAnswer.No),
        ["bias-counted"] = Of(c => c.CountWeekAsync(), Nothing, ChecklistAnswer.No, 60),
        ["bias-findings"] = Of(c => c.CountWeekAsync(), c => c.CountWeekAsync(isFound: true), ChecklistAnswer.No),
        ["bias-pauses"] = Of(c => c.ApplyTextAsync(ShopCatalog.Audited), c => c.WriteAsync(async tx => await c.Pauses.PauseAsync(tx, PurposeId.Parse("in-session-recommendations"), 1, c.Ct)), ChecklistAnswer.No, 15),
        ["models-audited"] = Of(c => c.UseModelsAsync(), c => c.UseDefaultsAsync(), ChecklistAnswer.Partial),
        ["benefit-measured"] = Of(c => c.ApplyTextAsync(ReadyCatalogs.Text("shop")), c => c.ApplyTextAsync(ShopCatalog.Yaml), ChecklistAnswer.No),
        ["audited"] = Of(c => c.AuditAsync(), Nothing, ChecklistAnswer.No, 50),
        ["decided-here"] = Of(c => c.SeatAsync(1, CommitteeMode.Committee), c => c.SeatAsync(2, CommitteeMode.OnePerson), ChecklistAnswer.Partial),
    };

    public Checklist Checklist => new(new ChecklistSources(host.Catalogs, host.Log, host.Access, host.Dpias, host.Suggestions.Evaluations, host.Backups, host.Witnesses, () => isApart));

    public CancellationToken Ct { get; } = ct;

    public UsePauses Pauses => host.Suggestions.Pauses;

    private static string Contracted => ReadyCatalogs.Text("shop").Replace("de: Führt unsere Bücher }, country: GB }", "de: Führt unsere Bücher }, country: GB, contract: { signed: 2026-01-31 } }", StringComparison.Ordinal);

    private static ChecklistCase Of(Func<ChecklistCases, Task> make, Func<ChecklistCases, Task> breakIt, ChecklistAnswer then, int days = 0) => new(make, breakIt, then, TimeSpan.FromDays(days));

    private static Task Nothing(ChecklistCases cases) => Task.CompletedTask;

    private Task WriteAsync(Func<Transaction, ValueTask> act) => host.Database.WriteAsync(async tx => { await act(tx); return true; }, Ct);

    private Task RunAsync(string sql, Func<Transaction, object> args) => WriteAsync(async tx => await tx.RunAsync(sql, args(tx), Ct));

    private async Task ApplyAsync((string From, string To) change)
    {
        var text = ShopCatalog.Yaml.Replace(change.From, change.To, StringComparison.Ordinal);
        Assert.NotEqual(ShopCatalog.Yaml, text);
        await ApplyTextAsync(text);
    }

    private Task ApplyTextAsync(string text) => host.ApplyCatalogAsync(PurposeCatalog.Read(text, "shop.yaml"), "test", "Board", Ct);

    private Task AddAsync() => addCustomer("c-1");

    private Task GiveAsync() => give("c-1", "in-session-recommendations");

    /// <summary>A choice that was given, ended and given again, and a read that rests on one of them.</summary>
    private Task ReadAfterAsync(long choice) => WriteAsync(async tx =>
    {
        var reference = new byte[16];
        reference[0] = (byte)choice;
        foreach (var (kind, version) in ((AuditKind, long)[])[(AuditKind.ConsentGiven, 1), (AuditKind.ConsentWithdrawn, 2), (AuditKind.ConsentGiven, 3), (AuditKind.Read, choice)])
        {
            await host.Log.AppendAsync(tx, new AuditEvent { Kind = kind, Actor = "customer", Purpose = "next-needs", CustomerRef = reference, ConsentVersion = version }, Ct);
        }
    });

    private Task EvaluateAsync() => WriteAsync(async tx => await host.Suggestions.Evaluations.AddAsync(
        tx, new EvaluationReport([], new SessionSettings(), null) { Version = "1", Data = new DataSize(0, 0, 0, 0, 0, null, null), Tried = 0, LessData = [], Notes = [] }, null, Ct));

    private async Task UseModelsAsync()
    {
        await WriteAsync(async tx =>
        {
            var report = new EvaluationReport([], new SessionSettings(), null) { Version = "1", Data = new DataSize(0, 0, 0, 0, 0, null, null), Tried = 0, LessData = [], Notes = [] };
            var number = await host.Suggestions.Evaluations.AddAsync(tx, report, new EvaluationAudit("{}", false, false), Ct);
            Assert.True(await host.Suggestions.Evaluations.ApplyAsync(tx, number, Ct));
        });
    }

    private Task UseDefaultsAsync() => WriteAsync(tx => host.Suggestions.Evaluations.UseDefaultsAsync(tx, Ct));

    private Task LookAsync() => host.ValueCheck.RunAsync(all: true, null, Ct);

    private Task MarkAsync() => RunAsync("INSERT INTO value_mark (customer_id, data_point, record_id, kind, time_us) VALUES ('c', 'phone', '', 'Card', @NowUs)", tx => new { tx.NowUs });

    private async Task OpenIncidentAsync()
    {
        var id = await EmployAsync("Pia", role: "privacy-officer");
        await WriteAsync(async tx =>
        {
            var token = CallerToken.Parse(await host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct));
            await host.Incidents.OpenAsync(tx, token, new IncidentFacts("A lost laptop", "It was left in a train.", tx.Now, null, [BreachKind.Confidentiality], [], [], 3, null, "None known.", "Locked.", BreachRisk.Risk, false, null), Ct);
        });
    }

    private async Task RetainAsync()
    {
        await host.Retention.RunDueAsync(Ct);
        // The server's own run may have begun, and have been stopped before it counted.
        await host.Retention.CountAsync(null, Ct);
    }

    private Task LeaveAsync() => WriteAsync(tx => RetentionWalk.KeepCountsAsync(tx, [new RetentionCount(DataPointId.Parse("purchases"), 3, 1, 1, tx.Now)], Ct));

    private Task<string> EmployAsync(string name, bool hasFactor = false, string role = "agent") => host.Database.WriteAsync(async tx =>
    {
        var id = await host.Access.AddStaffAsync(tx, name, [role], tx.Now.AddYears(9), "test", Ct);
        if (hasFactor)
        {
            await tx.RunAsync(
                """
                INSERT INTO staff_passkey (credential_id, passkey_ref, staff_id, name, public_key, sign_count, transports, is_backup_eligible, is_backed_up, created_at_us)
                VALUES (@Key, @id, @id, 'phone', @Key, 0, '', 0, 0, @NowUs)
                """, new { Key = System.Text.Encoding.UTF8.GetBytes(id), id, tx.NowUs }, Ct);
        }

        return id;
    }, Ct);

    private Task MakeKeyAsync() => WriteAsync(async tx => await host.Access.CreateKeyAsync(tx, "shop", [], [], AccessRegister.MaxKeyLife, "test", Ct));

    private Task RotateAsync() => host.Rotation.RotateAsync(null, Ct);

    private Task BackUpAsync() => WriteAsync(tx => BackupRows.AddAsync(tx, new BackupRow("b", "/b.age", "made", "test", tx.NowUs, tx.NowUs, 1, 1, "1", "P1D", 7, null), Ct));

    private Task CheckAsync(string? finding) => WriteAsync(tx => LogWalks.KeepAsync(tx, LogSelfCheck.Walk, new LogWalk(0, tx.Now, tx.Now, tx.Now, finding, finding is null ? null : tx.Now), Ct));

    private Task WitnessAsync() => RunAsync(
        "INSERT INTO audit_witness (log, name, size, cosigned_at_us, tried_at_us) VALUES (0, @Name, 1, @NowUs, @NowUs) ON CONFLICT (log, name) DO UPDATE SET cosigned_at_us = excluded.cosigned_at_us, problem = NULL", tx => new { host.Witnesses.Known[0].Key.Name, tx.NowUs });

    private Task FindAsync() => WriteAsync(tx => AnomalyBook.KeepAsync(tx, [new Anomaly(AnomalyRules.Bulk, "staff:x", "1", tx.NowUs, tx.NowUs, 100, 3, [1])], Ct));

    private Task ReadInEmergencyAsync() => RunAsync(
        "INSERT INTO emergency_read (customer_id, emergency_id, staff_id, purpose, entry_id, reason, at_us) VALUES ('c', 'e', 's', 'support', 'x', @Reason, @NowUs)", tx => new { Reason = new byte[] { 1 }, tx.NowUs });

    private Task ApproveAsync() => WriteAsync(tx => InitiativeRows.KeepAsync(
        tx, new Initiative("0123456789abcdef", GovernanceHouse.Form(null, null), 1, "x", tx.Now, InitiativeState.Approved, 2, null, tx.Now, null, tx.Now.AddDays(30)), Ct));

    private async Task AssessAsync()
    {
        var id = await EmployAsync("Pia", role: "privacy-officer");
        var content = new DpiaContent("They asked for it.", [new DpiaRisk("It annoys.", 2, 2, "Few.", 1, 2)], "Fine.", "We asked five.");
        await WriteAsync(async tx =>
        {
            var token = CallerToken.Parse(await host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct));
            foreach (var purpose in (await host.Catalogs.GetActiveAsync(tx, Ct)).Catalog.Purposes.Values.Where(p => p.Active && (p.AutomatedDecision || p.MakesSuggestions)))
            {
                var subject = new DpiaSubject(DpiaSubject.Purposes, purpose.Id.Value);
                var written = await host.Dpias.WriteAsync(tx, token, subject, (await host.Dpias.UseAsync(tx, subject, Ct)).Digest, content, Ct);
                await host.Dpias.SignAsync(tx, token, subject, written.Version, Ct);
            }
        });
    }

    private Task RequestAsync(int receivedIn, int? closedIn, int dueIn) => WriteAsync(async tx =>
    {
        long At(int days) => Micros.From(tx.Now.AddDays(days));
        await RequestRows.InsertAsync(tx, new RequestRow
        {
            RequestId = $"r{receivedIn}{closedIn}{dueIn}", Kind = "access", State = closedIn is null ? "received" : "done", Channel = "page", Law = "gdpr", FiledBy = "customer", ReceivedAtUs = At(receivedIn),
            AcknowledgeByUs = At(dueIn), GdprDueUs = At(dueIn), CcpaDueUs = At(dueIn), DueUs = At(dueIn), ClosedAtUs = closedIn is { } closed ? At(closed) : null, Outcome = closedIn is null ? null : RightsRequest.Fulfilled, Steps = 1,
        }, Ct);
    });

    private async Task CountWeekAsync(bool isFound = false)
    {
        await ApplyTextAsync(ShopCatalog.Audited);
        await WriteAsync(async tx =>
        {
            var week = Week.Of(tx.Now) - (isFound ? 2 : 1);
            var (purpose, point) = (PurposeId.Parse("next-needs"), DataPointId.Parse("gender"));
            var finding = new UseFinding(week, purpose, "shown", point, "female", FindingKind.Limit, 0.5, 0.8, new Interval(-0.3, -0.1), IsSure: true);
            await FairnessBook.ClaimAsync(tx, week, Ct);
            // What was counted is not looked at, only what was found.
            await FairnessBook.CloseAsync(tx, week, isFound ? [new UseAudit(new UseCounts(purpose, "shown", point, []), new FairnessRule(), null!, [finding])] : [], Ct);
        });
    }

    private Task AuditAsync() => WriteAsync(tx => InternalAuditRows.AddAsync(
        tx, new InternalAudit("a", 1, 0, 1, "00", 20, new Dictionary<AuditStratum, int>(), tx.Now, tx.Now + InternalAudits.ReviewWithin, tx.Now), [], Ct));

    private Task SeatAsync(long version, CommitteeMode mode) => RunAsync(
        "INSERT INTO committee_setup (version, mode, quorum, seats, set_at_us, set_by) VALUES (@version, @Mode, 2, @Seats, @NowUs, 'test')",
        tx => new { version, Mode = mode.ToString(), Seats = """[{"Name":"legal","StaffId":"a"},{"Name":"it","StaffId":"b"}]""", tx.NowUs });
}
