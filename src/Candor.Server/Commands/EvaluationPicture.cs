using System.Globalization;
using Candor.Personalization;
using ScottPlot;
using SkiaSharp;

namespace Candor.Server.Commands;

/// <summary>Quality with less data against the full set, one line a set with its 95 % interval, and the limit of 99 %.</summary>
/// <remarks>The finding is told by the shape of the mark as well as by its colour.</remarks>
internal sealed class EvaluationPicture(IReadOnlyList<LessData> less)
{
    private const int Width = 1000;
    private const int LineHeight = 30;
    private const int Frame = 120;

    /// <summary>Lowest ratio that the axis goes down to.</summary>
    private const double Lowest = 0;

    private static readonly string[] Fonts = ["Noto Sans", "DejaVu Sans", "Liberation Sans", "Arial", "Helvetica"];
    private static readonly Color Ground = Color.FromHex("#ffffff");
    private static readonly Color Ink = Color.FromHex("#1e2320");
    private static readonly Color GridTone = Color.FromHex("#dcd8cd");

    public byte[] Png() => Drawn(out var height).GetImageBytes(Width, height, ImageFormat.Png);

    public string Svg() => Drawn(out var height).GetSvgXml(Width, height);

    private Plot Drawn(out int height)
    {
        var plot = new Plot();
        plot.Font.Set(SKFontManager.Default.FontFamilies is var installed && Fonts.FirstOrDefault(installed.Contains) is { } font ? font : ScottPlot.Fonts.Default);
        var (line, ticks, high, low) = (0, new List<Tick>(), 1.05, 1.0);
        foreach (var model in less)
        {
            // A heading takes a line of its own.
            ticks.Add(new Tick(-line++, $"{(model.Model == "visit" ? "From a visit" : "Next needs")}:"));
            foreach (var set in model.Sets)
            {
                Draw(plot, set, -line);
                ticks.Add(new Tick(-line++, string.Create(CultureInfo.InvariantCulture, $"{set.Name} ({set.Records:N0} records)")));
                (low, high) = (Math.Min(low, set.Low), Math.Max(high, set.High + 0.03));
            }
        }

        height = Frame + LineHeight * Math.Max(2, line);
        var limit = plot.Add.VerticalLine(LessData.Kept, 1.5f, Ink, LinePattern.Dashed);
        limit.IsVisible = less.Count > 0;
        low = Math.Max(Lowest, Math.Floor(low * 20 - 0.5) / 20);
        var step = high - low > 0.5 ? 0.1 : 0.05;
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. ticks]);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. Enumerable.Range(0, (int)((high - low) / step) + 1).Select(i => low + i * step).Select(x => new Tick(x, x.ToString("0 %", CultureInfo.InvariantCulture)))]);
        plot.Axes.SetLimits(low - 0.01, high, -line + 0.3, 0.7);
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Title("What less data does to suggestions", 16);
        plot.Axes.Bottom.Label.Text = "NDCG against all data, 95 % interval; dashed: 99 %   ● keeps it   ■ too few lists to tell   ◆ loses it";
        (plot.Axes.Bottom.Label.Bold, plot.Axes.Bottom.Label.FontSize) = (false, 12);
        plot.FigureBackground.Color = plot.DataBackground.Color = Ground;
        plot.Axes.Color(Ink);
        plot.Grid.MajorLineColor = GridTone;
        plot.Grid.YAxisStyle.IsVisible = false;
        plot.HideLegend();
        return plot;
    }

    private static void Draw(Plot plot, DataSet set, double y)
    {
        var (shape, hex) = set.Finding switch
        {
            LessDataFinding.Keeps => (MarkerShape.FilledCircle, "#1f6f5c"),
            LessDataFinding.Loses => (MarkerShape.FilledDiamond, "#b3261e"),
            _ => (MarkerShape.FilledSquare, "#8a6100"),
        };
        var bar = plot.Add.Line(set.Low, y, set.High, y);
        (bar.Color, bar.LineWidth) = (Color.FromHex(hex), 3);
        plot.Add.Marker(set.Ratio, y, shape, shape == MarkerShape.FilledDiamond ? 14 : 11, Color.FromHex(hex));
    }
}
