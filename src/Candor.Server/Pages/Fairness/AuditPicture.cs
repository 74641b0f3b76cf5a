using Candor.Fairness;
using ScottPlot;
using SkiaSharp;

namespace Candor.Server.Pages.Fairness;

/// <summary>The share of yes of each group with its 95 % interval, one line a group, drawn without a display.</summary>
/// <remarks>A group that breaks a limit is marked by its shape as well as by its colour.</remarks>
internal sealed class AuditPicture(AuditPage page)
{
    /// <summary>Groups of one grouping that are drawn; the ones with the lowest shares where there are more.</summary>
    public const int MaxGroups = 40;

    private const int Width = 900;
    private const int LineHeight = 30;
    private const int Frame = 110;
    private const int MaxLabel = 42;

    private static readonly string[] Fonts = ["Noto Sans", "DejaVu Sans", "Liberation Sans", "Arial", "Helvetica"];

    private sealed record Tones(string Ground, string Ink, string Grid, string Brand, string Warning);

    private static readonly Tones Light = new("#ffffff", "#1e2320", "#dcd8cd", "#1f6f5c", "#b3261e");
    private static readonly Tones Dark = new("#1f2522", "#edf1ee", "#37403b", "#6fcfb2", "#ffb4ab");

    public byte[] Png(IReadOnlyList<GroupingAudit> groupings) => Drawn(groupings, Light, out var height).GetImageBytes(Width, height, ImageFormat.Png);

    public string Svg(IReadOnlyList<GroupingAudit> groupings, bool isDark = false) => Drawn(groupings, isDark ? Dark : Light, out var height).GetSvgXml(Width, height);

    private Plot Drawn(IReadOnlyList<GroupingAudit> groupings, Tones tones, out int height)
    {
        var plot = new Plot();
        plot.Font.Set(SKFontManager.Default.FontFamilies is var installed && Fonts.FirstOrDefault(installed.Contains) is { } font ? font : ScottPlot.Fonts.Default);
        var (line, ticks) = (0, new List<Tick>());
        foreach (var audit in groupings)
        {
            // A heading takes a line of its own.
            ticks.Add(new Tick(-line, Cut(audit.Grouping.Name) + ":"));
            line++;
            foreach (var group in Lowest(audit))
            {
                Draw(plot, audit, group, -line, tones);
                ticks.Add(new Tick(-line, page.Text.Text("picture.label", ("group", Cut(page.NameOf(group))), ("n", page.Number(group.Counts.Count)))));
                line++;
            }
        }

        height = Frame + LineHeight * Math.Max(2, line);
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. ticks]);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. Enumerable.Range(0, 6).Select(i => new Tick(i / 5.0, page.Percent(i / 5.0, 0)))]);
        plot.Axes.SetLimits(-0.02, 1.02, -line + 0.3, 0.7);
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Title(page.Text.Text("picture.title"), 16);
        plot.Axes.Bottom.Label.Text = page.Text.Text("picture.axis");
        plot.Axes.Bottom.Label.Bold = false;
        plot.FigureBackground.Color = Color.FromHex(tones.Ground);
        plot.DataBackground.Color = Color.FromHex(tones.Ground);
        plot.Axes.Color(Color.FromHex(tones.Ink));
        plot.Grid.MajorLineColor = Color.FromHex(tones.Grid);
        plot.Grid.YAxisStyle.IsVisible = false;
        plot.HideLegend();
        return plot;
    }

    private static void Draw(Plot plot, GroupingAudit audit, GroupAudit group, double y, Tones tones)
    {
        var share = group.Counts.Of(Rate.Selection);
        if (share.Value is not { } value || share.Wilson() is not { } interval)
        {
            return;
        }

        var isBroken = audit.Crossed.Any(c => c.Group == group && c.IsBroken);
        var color = Color.FromHex(isBroken ? tones.Warning : tones.Brand);
        var bar = plot.Add.Line(interval.Low, y, interval.High, y);
        (bar.Color, bar.LineWidth) = (color, 3);
        plot.Add.Marker(value, y, isBroken ? MarkerShape.FilledDiamond : MarkerShape.FilledCircle, isBroken ? 14 : 11, color);
    }

    /// <summary>In the order of the table, or the lowest shares where there are too many.</summary>
    private static IReadOnlyList<GroupAudit> Lowest(GroupingAudit audit) => audit.Compared.Count <= MaxGroups ? audit.Compared
        : [.. audit.Compared.OrderBy(g => g.Counts.Of(Rate.Selection).Value).Take(MaxGroups)];

    private static string Cut(string name) => name.Length <= MaxLabel ? name : name[..MaxLabel] + "…";
}
