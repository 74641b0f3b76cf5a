using Candor.Audit;
using Candor.Governance;
using Candor.Server.Pages.Staff;

namespace Candor.Server.Pages.Governance;

/// <summary>A page of the search through the log.</summary>
/// <param name="Wanted">The filter in words: what is chosen, and the name of the list.</param>
/// <param name="Older">Where the search goes on; null at the end.</param>
/// <param name="IsFirst">The newest entries.</param>
/// <param name="Alarm">The log cannot be trusted as it is.</param>
public sealed record LogView(
    StaffView View, LogWords Words, LogFilter Filter, IReadOnlyList<FilterList> Lists, IReadOnlyList<FilterChoice> Wanted, IReadOnlyList<LogLine> Lines, string? Older, bool IsFirst, bool Alarm)
{
    public bool MayNameCustomers => View.Visit.HasRole(LogPost.Officer);

    public string Export => Filter.Path("/governance/log/export");
}

/// <summary>Before a copy of the log is taken away.</summary>
/// <param name="Wanted">What it will hold: the filter in words.</param>
public sealed record LogExportView(StaffView View, LogWords Words, LogFilter Filter, IReadOnlyList<FilterChoice> Wanted);

/// <summary>What the log has about one customer.</summary>
/// <param name="Found">Null before anything was asked.</param>
public sealed record CustomerLogView(StaffView View, LogWords Words, string Reference, string Reason, LogDesk.CustomerEntries? Found, string? Wrong)
{
    public IReadOnlyList<LogLine> Lines => [.. (Found?.Entries ?? []).Select(e => LogLine.Of(e, null, Words, null))];
}

/// <summary>An anomaly as the page shows it.</summary>
/// <param name="Link">To the first entries that show it.</param>
public sealed record AnomalyView(FoundAnomaly Found, string Who, string Sentence, string When, IReadOnlyList<string> Entries, bool IsOwn, string? Reviewed);

/// <summary>What was found odd.</summary>
public sealed record AnomaliesView(StaffView View, LogWords Words, IReadOnlyList<AnomalyView> Open, IReadOnlyList<AnomalyView> Done)
{
    public bool MayReview => View.Visit.HasRole(LogPost.Officer);
}

/// <summary>A witness as the page shows it.</summary>
public sealed record WitnessView(string Name, string Size, string When, string State, bool IsWell);

/// <summary>What proves the log, and whether it does.</summary>
/// <param name="Checkpoint">The newest, as it is signed.</param>
/// <param name="Consistency">Whether the log begins with yesterday's checkpoint, checked now.</param>
/// <param name="Alarm">What is wrong; null for nothing.</param>
public sealed record ProofsView(
    StaffView View, LogWords Words, string Size, string Checkpoint, string Key, IReadOnlyList<WitnessView> Witnesses, string Consistency, bool IsConsistent, string Check, string? Alarm,
    IReadOnlyList<FilterChoice> Days);
