using Candor.Collection;
using Candor.Governance;
using Candor.Kernel;

namespace Candor.Server.Pages.Governance;

/// <summary>What was found in a data point, in words.</summary>
/// <param name="Clean">Where it can be taken out; null where it cannot, or not by this reader.</param>
public sealed record FoundLine(string Point, string Kind, string Values, string Customers, string Oldest, string Advice, string? Clean);

/// <summary>A cleaning in words.</summary>
public sealed record CleaningLine(string What, string State);

/// <summary>Who sends a field that is not declared, in words.</summary>
public sealed record UndeclaredLine(string Name, string Sender, string Number, string Last);

/// <summary>What looks into values found, and what is sent without being declared, as the page about minimisation shows it.</summary>
/// <param name="isLooking">A look was started on the page and runs.</param>
public sealed class FoundView(MinimisationWords words, ValueFindings findings, IReadOnlyList<UndeclaredCount> undeclared, LogNames names, bool mayClean, bool isLooking)
{
    /// <summary>Fields that are shown on the page; the table has all.</summary>
    private const int MostUndeclared = 30;

    public MinimisationWords Words { get; } = words;

    public bool IsLooking { get; } = isLooking;

    /// <summary>When values were last looked into.</summary>
    public string About => findings.Last switch
    {
        null => Words.T("found.never"),
        { FinishedAt: null } run => Words.T("found.running", ("time", Words.Time(run.StartedAt)), ("seen", Words.Number(run.Seen))),
        { FinishedAt: { } end } run => Words.T("found.last", ("time", Words.Time(end)), ("seen", Words.Number(run.Seen)), ("looked", Words.Number(run.Looked))),
    };

    /// <summary>Who could not be looked at; null when nobody.</summary>
    public string? Waiting => findings.Waiting == 0 ? null : Words.T("found.waiting", ("n", Words.Number(findings.Waiting)));

    public IReadOnlyList<FoundLine> Found => [.. findings.Found.Where(f => Words.Knows(f.DataPoint)).Select(f => new FoundLine(
        Words.DataPoint(f.DataPoint), Words.T("found.kind." + f.Kind), Words.Number(f.Values), Words.Number(f.Customers), Words.Day(f.Oldest), Words.T("found.advice." + f.Kind),
        mayClean && ValueContent.Cleaned.Contains(f.Kind) ? $"/governance/minimisation/clean?point={f.DataPoint}&kind={f.Kind}" : null))];

    public IReadOnlyList<CleaningLine> Cleanings => [.. findings.Cleanings.Select(c => new CleaningLine(
        Words.T("cleaning.of", ("kind", Words.T("found.kind." + c.Kind)), ("point", Words.Knows(c.DataPoint) ? Words.DataPoint(c.DataPoint) : c.DataPoint.Value)),
        Words.T(c.FinishedAt is null ? "cleaning.running" : "cleaning.done", ("time", Words.Time(c.FinishedAt ?? c.ApprovedAt)), ("changed", Words.Number(c.Changed)), ("passed", Words.Number(c.Passed)))))];

    public IReadOnlyList<UndeclaredLine> Undeclared => [.. undeclared.Take(MostUndeclared).Select(u => new UndeclaredLine(
        u.Name.Length == 0 ? Words.T("undeclared.other") : u.Name, u.Sender == EventCollection.Website ? Words.T("undeclared.website") : names.Of(u.Sender), Words.Number(u.Number), Words.Time(u.Last)))];
}
