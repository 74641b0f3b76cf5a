using Candor.Kernel;

namespace Candor.Catalog;

/// <summary>One difference between two catalogs.</summary>
/// <param name="Path">Where, such as <c>purposes.support.roles</c>.</param>
/// <param name="Description">What, in plain words.</param>
/// <param name="IsWidening">More data, more people, longer, or another ground: waits for a decision.</param>
/// <param name="IsNarrowing">Less: counts at once. Neither: wording only.</param>
/// <param name="Purpose">The purpose whose consents no longer count when it widens; null where no purpose is concerned.</param>
public sealed record CatalogChange(string Path, string Description, bool IsWidening, bool IsNarrowing, PurposeId? Purpose);

/// <summary>Compares two catalogs and says of each change whether it uses more of people's data or less.</summary>
public static class CatalogDiff
{
    private enum Direction
    {
        Wider,
        Narrower,
        Wording,
    }

    /// <summary>All differences, ordered by path.</summary>
    public static IReadOnlyList<CatalogChange> Compare(PurposeCatalog from, PurposeCatalog to)
    {
        var changes = new List<CatalogChange>();
        foreach (var id in from.DataPoints.Keys.Union(to.DataPoints.Keys))
        {
            var users = from.Purposes.Values.Concat(to.Purposes.Values).Where(p => p.Uses.ContainsKey(id)).Select(p => p.Id).Distinct().ToList();
            CompareDataPoint(changes, id, from.DataPoints.GetValueOrDefault(id), to.DataPoints.GetValueOrDefault(id), users);
        }

        foreach (var id in from.Purposes.Keys.Union(to.Purposes.Keys))
        {
            ComparePurpose(changes, id, from.Purposes.GetValueOrDefault(id), to.Purposes.GetValueOrDefault(id));
        }

        if (from.Organisation.ToString() != to.Organisation.ToString() || !from.Organisation.Languages.SequenceEqual(to.Organisation.Languages))
        {
            Add(changes, "organisation", "the organisation's details change", Direction.Wording, null);
        }

        return [.. changes.OrderBy(c => c.Path, StringComparer.Ordinal).ThenBy(c => c.Description, StringComparer.Ordinal)];
    }

    private static void CompareDataPoint(List<CatalogChange> changes, DataPointId id, DataPoint? from, DataPoint? to, List<PurposeId> users)
    {
        var path = $"dataPoints.{id}";
        if (from is null || to is null)
        {
            Add(changes, path, from is null ? $"`{id}` is a new data point" : $"`{id}` is no longer a data point", from is null ? Direction.Wider : Direction.Narrower, null);
            return;
        }

        void Each(string member, string description, Direction direction)
        {
            foreach (var user in users.Cast<PurposeId?>().DefaultIfEmpty(null))
            {
                Add(changes, $"{path}.{member}", description, direction, direction == Direction.Wider ? user : null);
            }
        }

        if (Longer(from.Retention.Period, to.Retention.Period) is { } longer)
        {
            Each("retention", $"`{id}` is kept {to.Retention} instead of {from.Retention}", longer ? Direction.Wider : Direction.Narrower);
        }

        if (from.Kind != to.Kind || from.Category != to.Category)
        {
            Each("kind", $"`{id}` becomes another kind of data", Direction.Wider);
        }

        if (!Equals(from.CollectedWith, to.CollectedWith))
        {
            Each("collectedWith", to.CollectedWith is null ? $"`{id}` is collected without asking for `{from.CollectedWith}`" : $"`{id}` is collected with `{to.CollectedWith}` only",
                from.CollectedWith is null ? Direction.Narrower : Direction.Wider);
        }

        CompareLegalHold(path, id, from.LegalHold, to.LegalHold, Each);
        if (!from.Label.Equals(to.Label))
        {
            Each("label", $"`{id}` has another label", Direction.Wording);
        }
    }

    private static void CompareLegalHold(string path, DataPointId id, LegalHold? from, LegalHold? to, Action<string, string, Direction> each)
    {
        if (from is null && to is null)
        {
            return;
        }

        var more = from is null || (to is not null && (to.For.ApproximateDays > from.For.ApproximateDays || to.Keeps.Except(from.Keeps).Any()));
        var less = to is null || (from is not null && (to.For.ApproximateDays < from.For.ApproximateDays || from.Keeps.Except(to.Keeps).Any()));
        if (more || less)
        {
            each("legalHold", more ? $"more of `{id}` is kept by law, or longer" : $"less of `{id}` is kept by law, or shorter", more ? Direction.Wider : Direction.Narrower);
        }
        else if (!from!.Reason.Equals(to!.Reason))
        {
            each("legalHold", $"the reason of the legal hold on `{id}` is worded anew", Direction.Wording);
        }
    }

    private static void ComparePurpose(List<CatalogChange> changes, PurposeId id, Purpose? from, Purpose? to)
    {
        var path = $"purposes.{id}";
        if (from is null || to is null)
        {
            Add(changes, path, from is null ? $"`{id}` is a new purpose" : $"`{id}` is no longer a purpose", from is null ? Direction.Wider : Direction.Narrower, id);
            return;
        }

        void One(string member, string description, Direction direction) => Add(changes, $"{path}.{member}", description, direction, id);
        CompareSets(One, "roles", "role", from.Roles, to.Roles);
        CompareSets(One, "services", "service", from.Services, to.Services);
        CompareSets(One, "recipients", "recipient", from.Recipients, to.Recipients);
        CompareSets(One, "uses", "data point", from.Uses.Keys.Select(k => k.Value).ToHashSet(), to.Uses.Keys.Select(k => k.Value).ToHashSet());
        foreach (var both in from.Uses.Keys.Where(to.Uses.ContainsKey).Where(k => from.Uses[k] != to.Uses[k]))
        {
            One("uses", $"`{both}` is needed {Word(to.Uses[both])} instead of {Word(from.Uses[both])}", to.Uses[both] < from.Uses[both] ? Direction.Wider : Direction.Narrower);
        }

        CompareTerms(One, id, from, to);
    }

    private static void CompareTerms(Action<string, string, Direction> one, PurposeId id, Purpose from, Purpose to)
    {
        if (from.Basis != to.Basis)
        {
            one("basis", $"`{id}` rests on {Word(to.Basis)} instead of {Word(from.Basis)}", Direction.Wider);
        }
        else if (Longer(from.ConsentLasts, to.ConsentLasts) is { } longer)
        {
            one("consentLasts", $"a consent to `{id}` lasts {to.ConsentLasts} instead of {from.ConsentLasts}", longer ? Direction.Wider : Direction.Narrower);
        }

        Flag(one, "needsCase", from.NeedsCase, to.NeedsCase, $"`{id}` needs no case any more", $"`{id}` needs a case now", moreWhenTrue: false);
        Flag(one, "active", from.Active, to.Active, $"`{id}` becomes a draft", $"`{id}` is no longer a draft", moreWhenTrue: true);
        Flag(one, "automatedDecision", from.AutomatedDecision, to.AutomatedDecision, $"`{id}` decides nothing by itself any more", $"`{id}` decides by itself", moreWhenTrue: true);
        if (!from.Label.Equals(to.Label) || !from.Why.Equals(to.Why) || from.DpvPurpose != to.DpvPurpose || !Equals(from.RemindEvery, to.RemindEvery))
        {
            one("why", $"`{id}` is described anew", Direction.Wording);
        }
    }

    private static void Flag(Action<string, string, Direction> one, string member, bool from, bool to, string whenOff, string whenOn, bool moreWhenTrue)
    {
        if (from != to)
        {
            one(member, to ? whenOn : whenOff, to == moreWhenTrue ? Direction.Wider : Direction.Narrower);
        }
    }

    private static void CompareSets(Action<string, string, Direction> one, string member, string what, IReadOnlySet<string> from, IReadOnlySet<string> to)
    {
        foreach (var added in to.Except(from))
        {
            one(member, $"the {what} `{added}` is added", Direction.Wider);
        }

        foreach (var removed in from.Except(to))
        {
            one(member, $"the {what} `{removed}` is dropped", Direction.Narrower);
        }
    }

    /// <summary>True when the second lasts longer; null is for ever. Null when they are the same length.</summary>
    private static bool? Longer(Period? from, Period? to)
    {
        var (a, b) = (from?.ApproximateDays ?? double.PositiveInfinity, to?.ApproximateDays ?? double.PositiveInfinity);
        return a.Equals(b) ? null : b > a;
    }

    private static string Word<T>(T value) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static void Add(List<CatalogChange> changes, string path, string description, Direction direction, PurposeId? purpose) =>
        changes.Add(new CatalogChange(path, description, direction == Direction.Wider, direction == Direction.Narrower, purpose));
}
