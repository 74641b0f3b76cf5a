using System.Collections.Frozen;
using Candor.Catalog;
using Candor.Governance;
using Candor.Kernel;
using Candor.Personalization;

namespace Candor.Tests.Governance;

/// <summary>What the audit says of made-up figures; the ready catalog <c>shop</c>.</summary>
public sealed class MinimisationAuditTests
{
    private static readonly ActiveCatalog Shop = new(1, PurposeCatalog.Read(ReadyCatalogs.Text("shop"), "shop.yaml"), FrozenDictionary<PurposeId, long>.Empty);
    private static readonly PurposeId Support = PurposeId.Parse("support");

    [Fact]
    public void Every_data_point_of_every_active_purpose_has_a_line()
    {
        var audit = Audit(0, []);
        Assert.Equal(
            Shop.Catalog.Purposes.Values.Where(p => p.Active).SelectMany(p => p.Uses.Select(u => (p.Id.Value, u.Key.Value, u.Value))).Order(),
            audit.Rows.Select(r => (r.Purpose.Id.Value, r.DataPoint.Id.Value, r.Necessity)).Order());
    }

    [Theory]
    [InlineData(29, 100, false)]
    [InlineData(30, 29, false)]
    [InlineData(30, 30, true)]
    [InlineData(90, 1_000, true)]
    public void What_a_purpose_never_reads_is_advised_to_go_once_enough_was_watched(int days, long reads, bool isAdvised)
    {
        var audit = Audit(days, [.. All(Support, reads).Where(c => c.DataPoint?.Value != "email")]);
        Assert.Equal(isAdvised, audit.Advice.Any(a => a is { Kind: AdviceKind.NeverRead, DataPoint.Value: "email", Change: "purposes.support.uses: take out `email`" } && a.Purpose == Support));
        Assert.DoesNotContain(audit.Advice, a => a.Kind == AdviceKind.NeverRead && a.Purpose == Support && a.DataPoint!.Value != "email");
    }

    [Theory]
    [InlineData(99, true)]
    [InlineData(100, false)]
    public void What_a_purpose_reads_in_less_than_a_tenth_is_needed_less_than_the_catalog_says(long reads, bool isAdvised)
    {
        var uses = All(Support, 1_000).Select(c => c.DataPoint?.Value == "email" ? c with { Number = reads } : c).ToList();
        Assert.Equal(isAdvised, Audit(90, uses).Advice.Any(a => a is { Kind: AdviceKind.SeldomRead, Change: "purposes.support.uses.email: low" }));
    }

    [Fact]
    public void A_purpose_nobody_read_for_is_idle_only_after_the_whole_window()
    {
        Assert.DoesNotContain(Audit(89, []).Advice, a => a.Kind == AdviceKind.IdlePurpose);
        Assert.Contains(Audit(90, []).Advice, a => a is { Kind: AdviceKind.IdlePurpose, Change: "purposes.support.active: false" });
        Assert.DoesNotContain(Audit(90, All(Support, 1)).Advice, a => a.Kind == AdviceKind.IdlePurpose && a.Purpose == Support);
    }

    [Fact]
    public void A_data_point_without_a_purpose_is_told()
    {
        var yaml = ReadyCatalogs.Text("shop").Replace("dataPoints:\n", "dataPoints:\n  shoeSize: { kind: field, label: Shoe size, category: Preference, retention: P1Y }\n", StringComparison.Ordinal);
        var audit = MinimisationAudit.Of(Shop with { Catalog = PurposeCatalog.Read(yaml, "shop.yaml") }, 0, [], Nothing, null, null);
        Assert.Contains(audit.Advice, a => a is { Kind: AdviceKind.NotUsed, DataPoint.Value: "shoeSize", Purpose: null });
    }

    [Fact]
    public void What_less_data_measured_becomes_a_gain_and_a_shorter_retention()
    {
        var visits = new LessData(LessData.Visits, 500,
        [
            new DataSet(LessData.Both, 100, 90, 10_000, 0.4, 1, 1, 1), new DataSet(LessData.Both, 12, 11.2, 1_500, 0.4, 1, 0.995, 1.01),
            new DataSet(LessData.Views, 100, 90, 9_000, 0.36, 0.9, 0.88, 0.92), new DataSet(LessData.Purchases, 100, 90, 1_000, 0.1, 0.25, 0.2, 0.3),
        ], new DataSet(LessData.Both, 12, 11.2, 1_500, 0.4, 1, 0.995, 1.01));
        var audit = Audit(0, [], visits);
        MinimisationRow Row(string point) => audit.Rows.Single(r => r.Purpose.Id.Value == "in-session-recommendations" && r.DataPoint.Id.Value == point);
        Assert.Equal((0.1, 0.08, 0.12), Rounded(Row("purchases").Gain!));
        Assert.Equal((0.75, 0.7, 0.8), Rounded(Row("pageViews").Gain!));
        Assert.Contains(audit.Advice, a => a is { Kind: AdviceKind.Shorter, Change: "dataPoints.pageViews.retention: P12D", Others: [] });
        var purchases = audit.Advice.Single(a => a is { Kind: AdviceKind.Shorter, DataPoint.Value: "purchases" });
        Assert.Contains(Support, purchases.Others);
    }

    [Fact]
    public void What_suggestions_do_as_well_without_is_advised_to_go()
    {
        var full = new DataSet(LessData.Both, 100, 90, 10_000, 0.4, 1, 1, 1);
        var views = new DataSet(LessData.Views, 100, 90, 9_000, 0.4, 1, 0.995, 1.005);
        var audit = Audit(0, [], new LessData(LessData.Visits, 500, [full, views], views));
        Assert.Contains(audit.Advice, a => a is { Kind: AdviceKind.NoGain, Change: "purposes.in-session-recommendations.uses: take out `purchases`" });
        Assert.DoesNotContain(audit.Advice, a => a.Kind is AdviceKind.NoGain or AdviceKind.Shorter && a.DataPoint!.Value == "pageViews");
    }

    [Fact]
    public void What_was_not_measured_has_no_gain() => Assert.All(Audit(0, []).Rows, r => Assert.Null(r.Gain));

    private static IReadOnlyDictionary<DataPointId, Candor.Vault.Stock> Nothing => FrozenDictionary<DataPointId, Candor.Vault.Stock>.Empty;

    private static MinimisationAudit Audit(int days, IReadOnlyList<UseCell> uses, params LessData[] measured) => MinimisationAudit.Of(
        Shop, days, uses, Nothing, null, measured.Length == 0 ? null : new StoredEvaluation(1, DateTimeOffset.UnixEpoch, null, new EvaluationReport([], null, null)
        {
            Version = "1", Data = new DataSize(0, 0, 0, 0, 0, null, null), Tried = 0, LessData = measured, Notes = [],
        }, null, null));

    /// <summary>Reads for a purpose that each gave all of its data points.</summary>
    private static IReadOnlyList<UseCell> All(PurposeId purpose, long number) =>
        [.. Shop.Catalog.Purposes[purpose].Uses.Keys.Prepend(null).Select(d => new UseCell(new DateOnly(2026, 1, 1), purpose, d, "staff", number))];

    private static (double, double, double) Rounded(MeasuredGain gain) => (Math.Round(gain.Share, 9), Math.Round(gain.Low, 9), Math.Round(gain.High, 9));
}
