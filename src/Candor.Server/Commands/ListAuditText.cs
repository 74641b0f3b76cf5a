using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Candor.Fairness;
using Spectre.Console;

namespace Candor.Server.Commands;

/// <summary>An audit of lists for people and for machines. Of what has too few people nothing is told but that.</summary>
internal static class ListAuditText
{
    /// <summary>Rows of one table.</summary>
    private const int MaxRows = 40;

    /// <summary>Columns of text when the output is no terminal; a narrow table breaks names.</summary>
    private const int PipedWidth = 160;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Print(ListAudit audit)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Shared.Results) });
        console.Profile.Width = Console.IsOutputRedirected ? PipedWidth : console.Profile.Width;
        foreach (var grouping in audit.Groupings)
        {
            // What was found comes first where not all have room.
            var listed = grouping.Groups.Count <= MaxRows ? grouping.Groups : [.. grouping.Groups.OrderBy(g => Finding(grouping, g).Length == 0).ThenBy(g => g.Got.IsTooFew).Take(MaxRows)];
            Print(console, grouping.Grouping.Name, [grouping.Grouping.Name, "customers", "got suggestions (95 %)", "hit rate", "nDCG", "price level", "beside all others", "finding"],
                listed.Select(g => Cells(audit, grouping, g)), grouping.Groups.Count);
        }

        Print(console, "groups of sellers", audit.SellerGroups);
        Print(console, "sellers", audit.Sellers);
        Shared.Results.WriteLine($"Items: {Number(audit.Items.Seen)} of {Number(audit.Items.Parts.Count)} are seen in the first {Number(audit.Plan.Length)} places; Gini of their exposure {Figure(audit.Items.Gini)} (0: all alike, 1: one has all).");
        if (audit.Sellers is { } sellers)
        {
            Shared.Results.WriteLine($"Sellers: {Number(sellers.Seen)} of {Number(sellers.Parts.Count)} are seen; Gini of their exposure {Figure(sellers.Gini)}.");
        }

        foreach (var sentence in Sentences(audit).Take(MaxRows))
        {
            Shared.Results.WriteLine(sentence);
        }

        Shared.Results.WriteLine(audit.IsBroken ? "Beyond the limits. A difference says that something is different, not why." : "No limit is broken beyond doubt. That does not prove that the suggestions are fair.");
    }

    public static string Json(ListAudit audit) => JsonSerializer.Serialize(new
    {
        customers = audit.Customers, length = audit.Plan.Length, minRatio = audit.Plan.MinRatio, maxPriceGap = audit.Plan.MaxPriceGap, minimumGroupSize = audit.Plan.MinimumGroupSize, confidence = 0.95, broken = audit.IsBroken,
        groupings = audit.Groupings.Select(g => new
        {
            columns = g.Grouping.Columns,
            groups = g.Groups.Select(x => new
            {
                values = x.Got.Values, tooFew = x.Got.IsTooFew, customers = x.Got.IsTooFew ? (long?)null : x.Got.Counts.Count, got = Share(x.Got), hitRate = Share(x.Hits), ndcg = Mean(x.Ndcg), priceLevel = Mean(x.Price), steersByPrice = x.SteersByPrice,
            }),
            hitRateUnderLimit = g.HitLimit.Select(c => new { values = c.Group.Values, reference = c.Reference.Values, ratio = c.Value, difference = Pair(c.DifferenceInterval), pHolm = c.HolmP, broken = c.IsBroken }),
        }),
        items = Figures(audit.Items), sellers = Figures(audit.Sellers), sellerGroups = Figures(audit.SellerGroups),
    }, Indented);

    private static object? Share(GroupAudit? group) => group is null or { IsTooFew: true } ? null
        : group.Counts.Of(Rate.Selection) is var share ? new { value = share.Value, part = share.Part, whole = share.Whole, wilson = Pair(share.Wilson()) } : null;

    private static object? Mean(MeanToRest mean) => mean.Group.Mean is null ? null : new
    {
        customers = mean.Group.Count, mean = mean.Group.Mean, interval = Pair(mean.Group.Interval), differenceToRest = mean.Difference, differenceInterval = Pair(mean.Interval), p = mean.P, pHolm = mean.HolmP,
    };

    private static object? Figures(Exposure? exposure) => exposure is null ? null : new
    {
        seen = exposure.Seen, offered = exposure.Parts.Count, gini = exposure.Gini,
        parts = exposure.Parts.Select(p => new { name = p.Name, items = p.Items, itemShare = p.ItemShare, exposure = p.Share, interval = Pair(p.Interval), ratio = p.Ratio }),
    };

    private static double[]? Pair(Interval? interval) => interval is { } i ? [i.Low, i.High] : null;

    private static string[] Cells(ListAudit audit, ListGrouping grouping, ListGroup group)
    {
        var least = audit.Plan.MinimumGroupSize;
        return group.Got.IsTooFew ? [NameOf(group.Got), $"too few (under {least})", "", "", "", "", "", ""] :
        [
            NameOf(group.Got), Number(group.Got.Counts.Count), Shown(group.Got), group.Hits is { Counts.Count: > 0 } hits ? hits.IsTooFew ? "too few" : Shown(hits) : "not defined", Shown(group.Ndcg), Shown(group.Price),
            group.Price is { Difference: { } d, Interval: { } i } ? $"{Signed(d)} ({Signed(i.Low)} to {Signed(i.High)})" : "", Finding(grouping, group),
        ];
    }

    private static string Finding(ListGrouping grouping, ListGroup group)
    {
        var crossed = grouping.HitLimit.Where(c => c.Group.Values.SequenceEqual(group.Got.Values)).ToList();
        string[] found = [.. group.SteersByPrice ? ["steers by price"] : Array.Empty<string>(), .. crossed.Count == 0 ? Array.Empty<string>() : [crossed.Exists(c => c.IsBroken) ? "hit rate beyond the limit" : "hit rate may be chance"]];
        return string.Join("; ", found);
    }

    private static IEnumerable<string> Sentences(ListAudit audit) => audit.Groupings.SelectMany(g => g.Groups.Where(x => x.SteersByPrice)
        .Select(x => $"{g.Grouping.Name}: the suggestions lead `{NameOf(x.Got)}` to {(x.Price.Difference > 0 ? "dearer" : "cheaper")} items than all others: price level {Figure(x.Price.Group.Mean)} and {Figure(x.Price.Rest.Mean)}, "
            + $"difference {Signed(x.Price.Difference!.Value)} ({Signed(x.Price.Interval!.Value.Low)} to {Signed(x.Price.Interval!.Value.High)}); it stands for all groups together (Holm).")
        .Concat(g.HitLimit.Where(c => c.IsBroken).Select(c => $"{g.Grouping.Name}: the hit rate of `{NameOf(c.Group)}` is {Percent(c.Value)} of that of `{NameOf(c.Reference)}`, "
            + $"under the limit of {Percent(audit.Plan.MinRatio)}{(c.StandsAmongAll ? "; it stands for all groups together (Holm)" : "; among so many groups one may differ as much by chance")}.")));

    private static void Print(IAnsiConsole console, string title, Exposure? exposure)
    {
        if (exposure is not null)
        {
            Print(console, title, [title, "items", "of all items", "of the exposure (95 %)", "exposure / items"], exposure.Parts.Take(MaxRows).Select(p => (string[])[
                p.Name ?? "not given", Number(p.Items), Percent(p.ItemShare), p.Share is { } s ? p.Interval is { } i ? $"{Percent(s)} ({Percent(i.Low)} to {Percent(i.High)})" : Percent(s) : "not defined", Figure(p.Ratio)]), exposure.Parts.Count);
        }
    }

    private static void Print(IAnsiConsole console, string title, string[] headings, IEnumerable<string[]> rows, int all)
    {
        var table = new Table { Title = new TableTitle(Markup.Escape(title)), Border = TableBorder.Rounded };
        Array.ForEach(headings, h => table.AddColumn(Markup.Escape(h)));
        rows.ToList().ForEach(r => table.AddRow([.. r.Select(Markup.Escape)]));
        console.Write(table);
        if (all > MaxRows)
        {
            Shared.Results.WriteLine($"{MaxRows} of {Number(all)}; --json has all.");
        }
    }

    private static string NameOf(GroupAudit group) => string.Join(" × ", group.Values.Select(v => v ?? "not given"));

    private static string Shown(GroupAudit group) => group.Counts.Of(Rate.Selection) is { Value: { } value } share && share.Wilson() is { } i ? $"{Percent(value)} ({Percent(i.Low)} to {Percent(i.High)})" : "not defined";

    private static string Shown(MeanToRest mean) => mean.Group.Mean is { } m ? mean.Group.Interval is { } i ? $"{Figure(m)} ({Figure(i.Low)} to {Figure(i.High)})" : Figure(m) : mean.Group.Count == 0 ? "not defined" : "too few";

    private static string Number(long n) => n.ToString("N0", CultureInfo.InvariantCulture);

    private static string Figure(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "not defined";

    private static string Signed(double value) => value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0} %");
}
