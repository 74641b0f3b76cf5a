using Candor.Kernel;

namespace Candor.Catalog;

/// <summary>One difference between two catalogs.</summary>
/// <param name="Path">Where, such as <c>purposes.support.roles</c>.</param>
/// <param name="Description">What, in plain words.</param>
/// <param name="IsWidening">More data, more people, longer, or another ground: waits for a decision.</param>
/// <param name="IsNarrowing">Less: counts at once. Neither: wording, or a draft, which nobody reads for.</param>
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

    /// <summary>The differences as people read them: a data point's change once, not again for each purpose that uses it.</summary>
    public static IReadOnlyList<CatalogChange> Told(PurposeCatalog from, PurposeCatalog to) => [.. Compare(from, to).DistinctBy(c => (c.Path, c.Description))];

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

        if (!SameOrganisation(from.Organisation, to.Organisation))
        {
            Add(changes, "organisation", "the organisation's details change", Direction.Wording, null);
        }

        CompareNeverSuggest(changes, from, to);
        RecipientDiff.Compare(from, to, (path, description, isWider, purpose) =>
            Add(changes, path, description, isWider switch { true => Direction.Wider, false => Direction.Narrower, _ => Direction.Wording }, purpose));
        ProactiveDiff.Compare(from.Proactive, to.Proactive, (path, description, isWider) =>
            Add(changes, path, description, isWider switch { true => Direction.Wider, false => Direction.Narrower, _ => Direction.Wording }, null));
        return [.. changes.OrderBy(c => c.Path, StringComparer.Ordinal).ThenBy(c => c.Description, StringComparer.Ordinal)];
    }

    private static void CompareNeverSuggest(List<CatalogChange> changes, PurposeCatalog from, PurposeCatalog to)
    {
        foreach (var name in from.NeverSuggest.Except(to.NeverSuggest, StringComparer.OrdinalIgnoreCase))
        {
            Add(changes, "neverSuggest", $"`{name}` may be suggested, and suggest", Direction.Wider, null);
        }

        foreach (var name in to.NeverSuggest.Except(from.NeverSuggest, StringComparer.OrdinalIgnoreCase))
        {
            Add(changes, "neverSuggest", $"`{name}` is never suggested, and never suggests", Direction.Narrower, null);
        }
    }

    private static bool SameOrganisation(Organisation from, Organisation to) =>
        to with { Languages = from.Languages, Holidays = from.Holidays, Sites = from.Sites, JointControllers = from.JointControllers } == from
        && from.Languages.SequenceEqual(to.Languages) && from.Holidays.SequenceEqual(to.Holidays) && from.Sites.SequenceEqual(to.Sites) && from.JointControllers.SequenceEqual(to.JointControllers);

    private static void CompareDataPoint(List<CatalogChange> changes, DataPointId id, DataPoint? from, DataPoint? to, List<PurposeId> users)
    {
        var path = $"dataPoints.{id}";
        if (from is null || to is null)
        {
            Add(changes, path, from is null ? $"`{id}` is a new data point" : $"`{id}` is no longer a data point", from is null ? Direction.Wider : Direction.Narrower, null);
            return;
        }

        // What widens concerns each purpose that uses the data point, and its consents; the rest is told once.
        void Each(string member, string description, Direction direction)
        {
            foreach (var user in direction == Direction.Wider ? users.Cast<PurposeId?>().DefaultIfEmpty(null) : [null])
            {
                Add(changes, $"{path}.{member}", description, direction, user);
            }
        }

        if (Longer(from.Retention.Period, to.Retention.Period) is { } longer)
        {
            Each("retention", $"`{id}` is kept {to.Retention} instead of {from.Retention}", longer ? Direction.Wider : Direction.Narrower);
        }

        CompareNature(id, from, to, Each);
        if (!Equals(from.CollectedWith, to.CollectedWith))
        {
            Each("collectedWith", to.CollectedWith is null ? $"`{id}` is collected without `{from.CollectedWith}` too" : $"`{id}` is collected with `{to.CollectedWith}` only",
                from.CollectedWith is null ? Direction.Narrower : Direction.Wider);
        }

        CompareLegalHold(id, from.LegalHold, to.LegalHold, Each);
        if (from.CorrectionNeedsApproval != to.CorrectionNeedsApproval)
        {
            Each("correctionNeedsApproval", $"a correction of `{id}` {(to.CorrectionNeedsApproval ? "waits for approval" : "counts at once")}", Direction.Wording);
        }

        Same(Each, "findBy", from.FindBy, to.FindBy, to.FindBy is null ? $"customers are no longer found by `{from.FindBy}` of `{id}`" : $"customers are found by `{to.FindBy}` of `{id}`");
        Same(Each, "label", from.Label, to.Label, $"`{id}` has another label");
        if (!from.Values.SequenceEqual(to.Values))
        {
            Each("values", $"`{id}` is {(to.Values.Count == 0 ? "any value" : string.Join(", ", to.Values.Select(v => $"`{v.Value}`")))}", Direction.Wording);
        }
    }

    private static void CompareNature(DataPointId id, DataPoint from, DataPoint to, Action<string, string, Direction> each)
    {
        if (from.Kind != to.Kind)
        {
            each("kind", $"`{id}` becomes a {Word(to.Kind)} instead of a {Word(from.Kind)}", Direction.Wider);
        }

        if (from.Category != to.Category)
        {
            each("category", $"`{id}` becomes {to.Category} instead of {from.Category}", Direction.Wider);
        }
    }

    private static void CompareLegalHold(DataPointId id, LegalHold? from, LegalHold? to, Action<string, string, Direction> each)
    {
        if (from is null || to is null)
        {
            if (from != to)
            {
                each("legalHold", to is null ? $"the legal hold on `{id}` ends" : $"`{id}` gets a legal hold of {to.For}", to is null ? Direction.Narrower : Direction.Wider);
            }

            return;
        }

        if (Longer(from.For, to.For) is { } longer)
        {
            each("legalHold.for", $"the legal hold on `{id}` lasts {to.For} instead of {from.For}", longer ? Direction.Wider : Direction.Narrower);
        }

        CompareSets(each, "legalHold.keeps", $"legal hold on `{id}`:", from.Keeps.ToHashSet(), to.Keeps.ToHashSet());
        if (!from.Reason.Equals(to.Reason))
        {
            each("legalHold.reason", $"the reason of the legal hold on `{id}` is worded anew", Direction.Wording);
        }
    }

    private static void ComparePurpose(List<CatalogChange> changes, PurposeId id, Purpose? from, Purpose? to)
    {
        var path = $"purposes.{id}";
        if (from is null || to is null)
        {
            // A draft is read by nobody: it may come and go without a decision, which is due when it becomes active.
            var isDraft = !(from ?? to)!.Active;
            var direction = isDraft ? Direction.Wording : from is null ? Direction.Wider : Direction.Narrower;
            Add(changes, path, from is null ? $"`{id}` is a new {(isDraft ? "draft" : "purpose")}" : $"`{id}` is no longer a {(isDraft ? "draft" : "purpose")}", direction, id);
            return;
        }

        void One(string member, string description, Direction direction) => Add(changes, $"{path}.{member}", description, direction, id);
        Flag(One, "active", from.Active, to.Active, $"`{id}` becomes a draft", $"`{id}` is no longer a draft", moreWhenTrue: true);

        // Where one side is a draft, `active` above says all about more or less.
        void Weighed(string member, string description, Direction direction) =>
            One(member, description, from.Active && to.Active ? direction : Direction.Wording);
        CompareSets(Weighed, "roles", "role", from.Roles, to.Roles);
        CompareSets(Weighed, "services", "service", from.Services, to.Services);
        CompareSets(Weighed, "recipients", "recipient", from.Recipients, to.Recipients);
        CompareSets(Weighed, "uses", "data point", from.Uses.Keys.Select(k => k.Value).ToHashSet(), to.Uses.Keys.Select(k => k.Value).ToHashSet());
        foreach (var both in from.Uses.Keys.Where(to.Uses.ContainsKey).Where(k => from.Uses[k] != to.Uses[k]))
        {
            Weighed("uses", $"`{both}` is needed {Word(to.Uses[both])} instead of {Word(from.Uses[both])}", to.Uses[both] < from.Uses[both] ? Direction.Wider : Direction.Narrower);
        }

        CompareTerms(Weighed, id, from, to);
    }

    private static void CompareTerms(Action<string, string, Direction> one, PurposeId id, Purpose from, Purpose to)
    {
        if (from.Basis != to.Basis)
        {
            one("basis", $"`{id}` rests on {Word(to.Basis)} instead of {Word(from.Basis)}", Direction.Wider);
        }
        else if (Longer(from.ConsentLasts, to.ConsentLasts) is { } longer)
        {
            one("consentLasts", $"a consent to `{id}` lasts {Lasting(to.ConsentLasts)} instead of {Lasting(from.ConsentLasts)}", longer ? Direction.Wider : Direction.Narrower);
        }

        Flag(one, "needsCase", from.NeedsCase, to.NeedsCase, $"`{id}` needs no case any more", $"`{id}` needs a case now", moreWhenTrue: false);
        Flag(one, "emergency", from.Emergency, to.Emergency, $"an emergency opens `{id}` no more", $"an emergency opens `{id}` whatever the customer chose", moreWhenTrue: true);
        Flag(one, "automatedDecision", from.AutomatedDecision, to.AutomatedDecision, $"`{id}` decides nothing by itself any more", $"`{id}` decides by itself", moreWhenTrue: true);
        Flag(one, "biasAudit", from.BiasAudit, to.BiasAudit, $"what `{id}` uses may be read of one customer", $"what `{id}` uses is only counted", moreWhenTrue: false);
        Same(one, "fairness", from.Fairness, to.Fairness, FormattableString.Invariant($"`{id}` is too different for groups under {to.Fairness.MinImpactRatio} of the largest share, and then {(to.Fairness.OnBreach == OnBreach.Pause ? "paused" : "told")}"));
        Same(one, "label", from.Label, to.Label, $"`{id}` has another label");
        Same(one, "why", from.Why, to.Why, $"the reason of `{id}` is worded anew");
        Same(one, "dpvPurpose", from.DpvPurpose, to.DpvPurpose, $"`{id}` is {to.DpvPurpose} in the Data Privacy Vocabulary instead of {from.DpvPurpose}");
        Same(one, "remindEvery", from.RemindEvery, to.RemindEvery, $"the customer is reminded of `{id}` at other times");
        Same(one, "askAgainAfter", from.AskAgainAfter, to.AskAgainAfter, $"a no to `{id}` is left in peace for {to.AskAgainAfter?.Text ?? "ever"}");
        Same(one, "holdOut", from.HoldOutPercent, to.HoldOutPercent, $"{to.HoldOutPercent} % of customers are not given `{id}`, to compare, instead of {from.HoldOutPercent} %");
        Same(one, "ifOff", from.IfOff, to.IfOff, $"what changes without `{id}` is worded anew");
    }

    private static string Lasting(Period? period) => period?.Text ?? "until it is withdrawn";

    private static void Same<T>(Action<string, string, Direction> one, string member, T from, T to, string description)
    {
        if (!Equals(from, to))
        {
            one(member, description, Direction.Wording);
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
