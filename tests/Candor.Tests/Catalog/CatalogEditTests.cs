using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Tests.Catalog;

/// <summary>Changes of a catalog's text: what was meant changes, and no other letter does.</summary>
public sealed class CatalogEditTests
{
    public static TheoryData<string> Texts => [.. ReadyCatalogs.Names];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_use_can_be_taken_out_or_needed_less_and_nothing_else_changes(string name)
    {
        var text = ReadyCatalogs.Text(name);
        var catalog = PurposeCatalog.Read(text, "candor.yaml");
        var changed = 0;
        foreach (var (purpose, point) in catalog.Purposes.Values.SelectMany(p => p.Uses.Keys.Select(d => (p, d))))
        {
            string[] path = ["purposes", purpose.Id.Value, "uses", point.Value];
            var low = PurposeCatalog.Read(new CatalogEdit(path, "low").ApplyTo(text), "candor.yaml");
            Assert.Equal(Necessity.Low, low.Purposes[purpose.Id].Uses[point]);
            Assert.All(CatalogDiff.Compare(catalog, low), c => Assert.False(c.IsWidening));
            if (purpose.Uses.Count == 1)
            {
                Assert.Equal("catalog/cannot-edit", Assert.Throws<Fault>(() => new CatalogEdit(path, null).ApplyTo(text)).What);
                continue;
            }

            var edited = new CatalogEdit(path, null).ApplyTo(text);
            var without = CatalogDiffOf(catalog, edited);
            Assert.All(without, c => Assert.True(!c.IsWidening && c.Path.Contains(purpose.Id.Value, StringComparison.Ordinal), c.Path));
            Assert.DoesNotContain(point, PurposeCatalogOrNull(edited)?.Purposes[purpose.Id].Uses.Keys.ToList() ?? []);
            Assert.Equal(Remarks(text), Remarks(edited));
            changed++;
        }

        Assert.True(changed > 0);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Retention_and_activity_change_where_they_stand_or_not_yet(string name)
    {
        var text = ReadyCatalogs.Text(name);
        var catalog = PurposeCatalog.Read(text, "candor.yaml");
        foreach (var point in catalog.DataPoints.Values.Where(d => d.Retention.Period is not null && d.LegalHold is null))
        {
            var edited = PurposeCatalog.Read(new CatalogEdit(["dataPoints", point.Id.Value, "retention"], "P1D").ApplyTo(text), "candor.yaml");
            Assert.Equal("P1D", edited.DataPoints[point.Id].Retention.ToString());
        }

        foreach (var purpose in catalog.Purposes.Values.Where(p => p.Active))
        {
            var edited = new CatalogEdit(["purposes", purpose.Id.Value, "active"], "false").ApplyTo(text);
            Assert.False(PurposeCatalog.Read(edited, "candor.yaml").Purposes[purpose.Id].Active);
            Assert.Equal(Remarks(text), Remarks(edited));
        }
    }

    [Fact]
    public void A_data_point_goes_with_its_lines_and_the_remarks_of_others_stay()
    {
        const string text = """
            dataPoints:
              # kept
              email: { kind: field } # also kept
              notes:
                kind: history
                label: >-
                  x
                legalHold:
                  keeps: [a,
                    b] # goes
              # stays
              phone: { kind: field }
            """;
        Assert.Equal("""
            dataPoints:
              # kept
              email: { kind: field } # also kept
              # stays
              phone: { kind: field }
            """, new CatalogEdit(["dataPoints", "notes"], null).ApplyTo(text));
        Assert.Equal("dataPoints: take out `notes`", new CatalogEdit(["dataPoints", "notes"], null).ToString());
        Assert.Equal("catalog/cannot-edit", Assert.Throws<Fault>(() => new CatalogEdit(["dataPoints", "nothing"], null).ApplyTo(text)).What);
        Assert.Equal("catalog/cannot-edit", Assert.Throws<Fault>(() => new CatalogEdit(["dataPoints", "email"], "x").ApplyTo(text)).What);
    }

    [Theory]
    [InlineData("b", "top: { a: { x: [1] }, c: 4 }")]
    [InlineData("c", "top: { a: { x: [1] }, b: [2, { y: 3 }] }")]
    [InlineData("a", "top: { b: [2, { y: 3 }], c: 4 }")]
    public void A_member_in_brackets_goes_with_its_own_brackets_and_one_comma(string member, string left) =>
        Assert.Equal(left, new CatalogEdit(["top", member], null).ApplyTo("top: { a: { x: [1] }, b: [2, { y: 3 }], c: 4 }"));

    [Fact]
    public void The_last_member_in_brackets_goes_where_brackets_stand_before_it() =>
        Assert.Equal("top: { a: [1] } # r", new CatalogEdit(["top", "b"], null).ApplyTo("top: { a: [1], b: { y: [3] } } # r"));

    private static IReadOnlyList<CatalogChange> CatalogDiffOf(PurposeCatalog before, string edited) => PurposeCatalogOrNull(edited) is { } after ? CatalogDiff.Compare(before, after) : [];

    /// <summary>Some uses cannot go because another rule of the catalog names them; that is said when the text is looked at.</summary>
    private static PurposeCatalog? PurposeCatalogOrNull(string text)
    {
        try
        {
            return PurposeCatalog.Read(text, "candor.yaml");
        }
        catch (Fault fault) when (fault.What == "catalog/mistakes")
        {
            return null;
        }
    }

    private static List<string> Remarks(string text) => [.. text.Split('\n').Where(l => l.Contains('#', StringComparison.Ordinal)).Select(l => l[l.IndexOf('#', StringComparison.Ordinal)..])];
}
