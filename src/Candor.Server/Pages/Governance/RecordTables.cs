using System.Globalization;
using Candor.Catalog;
using Candor.Collection;
using Candor.Governance;
using Candor.Kernel;

namespace Candor.Server.Pages.Governance;

/// <summary>The record as tables for programs: names and dates as the catalog writes them, texts in one language.</summary>
internal static class RecordTables
{
    /// <summary>A row for each data point of each active purpose.</summary>
    public static string Data(ProcessingRecord record, string language) => CsvText.Table(
        "purpose,label,why,basis,subjects,dataPoint,dataLabel,category,necessity,retention,legalHold,legalHoldReason,legalHoldKeeps,roles,services,automatedDecision,consentLasts,approval,approvedUntil,dpia",
        record.Activities.SelectMany(a => a.Data.Select(d => (string[])
        [
            a.Purpose.Id.Value, a.Purpose.Label.In(language), a.Purpose.Why.In(language), InitiativeCover.Word(a.Purpose.Basis), "customers", d.Id.Value, d.Label.In(language), d.Category,
            InitiativeCover.Word(a.Purpose.Uses[d.Id]), d.Retention.ToString(), d.LegalHold?.For.Text ?? "", d.LegalHold?.Reason.In(language) ?? "", string.Join(' ', d.LegalHold?.Keeps ?? []),
            string.Join(' ', a.Purpose.Roles.Order(StringComparer.Ordinal)), string.Join(' ', a.Purpose.Services.Order(StringComparer.Ordinal)), a.Purpose.AutomatedDecision ? "yes" : "no", a.Purpose.ConsentLasts?.Text ?? "",
            a.Approval?.Ground ?? "none", a.Approval?.UntilUs is { } until ? Micros.ToInstant(until).ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture) : "", RecordWriter.DpiaState(a),
        ])));

    /// <summary>A row for each recipient of each active purpose; then those that no purpose names, without one.</summary>
    public static string Recipients(ProcessingRecord record, string language) => CsvText.Table(
        "purpose,recipient,described,kind,does,country,outside,safeguard,contractSigned,contractUntil,contractWhere",
        record.Activities.SelectMany(a => a.Recipients.Select(r => (Purpose: a.Purpose.Id.Value, Use: r))).Concat(record.Unused.Select(r => (Purpose: "", Use: r))).Select(x => (string[])
        [
            x.Purpose, x.Use.Name, x.Use.Declared is null ? "no" : "yes", x.Use.Declared is { } r ? InitiativeCover.Word(r.Kind) : "", x.Use.Declared?.Does.In(language) ?? "", x.Use.Declared?.Country ?? "",
            x.Use.IsOutside ? "yes" : "no", x.Use.Declared?.Safeguard is { } safeguard ? InitiativeCover.Word(safeguard) : "", Day(x.Use.Declared?.Contract?.SignedOn), Day(x.Use.Declared?.Contract?.Until),
            x.Use.Declared?.Contract?.Where ?? "",
        ]));

    private static string Day(DateOnly? day) => day is { } d ? Recipient.DayText(d) : "";
}
