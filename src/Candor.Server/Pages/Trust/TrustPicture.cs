using Candor.Fairness;
using Candor.Trust;
using ScottPlot;
using SkiaSharp;

namespace Candor.Server.Pages.Trust;

/// <summary>The figures drawn, without a display. Lines differ by the shape of their marks as well as by their colour.</summary>
internal sealed class TrustPicture(TrustWords words, bool isDark)
{
    /// <summary>Lines of one picture; of more purposes, those with the most people.</summary>
    private const int MaxLines = 5;

    private const int Width = 760;
    private const int Height = 300;
    private const int GaugeHeight = 250;
    private const double Full = 100;

    private static readonly string[] Fonts = ["Noto Sans", "DejaVu Sans", "Liberation Sans", "Arial", "Helvetica"];
    private static readonly MarkerShape[] Shapes = [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleUp, MarkerShape.OpenCircle];

    private sealed record Tones(string Ground, string Ink, string Grid, string[] Lines);

    private static readonly Tones Light = new("#ffffff", "#1e2320", "#dcd8cd", ["#1f6f5c", "#8a4b08", "#3b5bb5", "#9b2f6f", "#58615b"]);
    private static readonly Tones Dark = new("#1f2522", "#edf1ee", "#37403b", ["#6fcfb2", "#f0b265", "#9db4ff", "#f29ac8", "#a9b4ad"]);

    private Tones Tone => isDark ? Dark : Light;

    /// <summary>Half a ring from 0 to 100; the fine line is the interval.</summary>
    public string Gauge(TrustReport report)
    {
        var plot = Empty();
        plot.HideAxesAndGrid();
        plot.Layout.Frameless();
        Ring(plot, 0, Full, 0.72, 1, Tone.Grid);
        if (report.Index is { Value: { } value, Interval: { } interval })
        {
            Ring(plot, 0, value, 0.72, 1, Tone.Lines[0]);
            Ring(plot, interval.Low, interval.High, 0.64, 0.68, Tone.Ink);
            Write(plot, words.Value(TrustUnit.Net, value).TrimStart('+'), 0, 0.22, 46);
            Write(plot, words.Interval(TrustUnit.Score, interval), 0, -0.04, 15);
        }
        else
        {
            Write(plot, words.T("index.none"), 0, 0.18, 16);
        }

        Write(plot, "0", -0.86, -0.09, 13);
        Write(plot, "100", 0.86, -0.09, 13);
        plot.Axes.SetLimits(-1.55, 1.55, -0.17, 1.06);
        return plot.GetSvgXml(Width, GaugeHeight);
    }

    /// <summary>One figure over time; null where there are fewer than two points.</summary>
    public string? Trend(TrustReport report, string id)
    {
        var figures = report.Figures.Where(f => f.Id == id && f.Trend.Count > 1).OrderByDescending(f => f.Trend.Sum(p => p.N)).Take(MaxLines).ToList();
        if (figures.Count == 0)
        {
            return null;
        }

        var plot = Empty();
        for (var i = 0; i < figures.Count; i++)
        {
            var scale = figures[i].Unit == TrustUnit.Share ? Full : 1;
            Line(plot, [.. figures[i].Trend.Select(p => (At(p.To), p.Value * scale, p.Interval is { } x ? new Interval(x.Low * scale, x.High * scale) : (Interval?)null))], i, words.About(figures[i].About), figures.Count == 1);
        }

        var (first, last) = (figures.Min(f => f.Trend[0].To), figures.Max(f => f.Trend[^1].To));
        foreach (var note in report.Notes.Where(n => n.Day >= first && n.Day <= last))
        {
            var line = plot.Add.VerticalLine(At(note.Day), 1.5f, Color.FromHex(Tone.Ink), LinePattern.Dashed);
            line.Text = words.T("note.short", ("version", words.Number(note.Version)));
            (line.LabelFontColor, line.LabelBackgroundColor, line.LabelFontSize) = (Color.FromHex(Tone.Ground), Color.FromHex(Tone.Ink), 12);
        }

        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. Days(first, last).Select(d => new Tick(At(d), words.ShortDay(d)))]);
        plot.Axes.Margins(0.04, 0.15);
        plot.Axes.Left.Label.Text = words.T("axis." + figures[0].Unit.ToString().ToLowerInvariant());
        (plot.Axes.Left.Label.Bold, plot.Axes.Left.Label.FontSize) = (false, 13);
        return Finished(plot, figures.Count > 1);
    }

    /// <summary>How many bought again, by the months since they first did.</summary>
    public string? Cohorts(TrustReport report)
    {
        var cohorts = report.Cohorts.Where(c => c.Active.Any(a => a is not null)).TakeLast(MaxLines).ToList();
        if (cohorts.Count == 0)
        {
            return null;
        }

        var (plot, most) = (Empty(), cohorts.Max(c => c.Active.Count));
        for (var i = 0; i < cohorts.Count; i++)
        {
            var points = cohorts[i].Active.Select((a, k) => (Month: k + 1.0, Share: a)).Where(p => p.Share is { Value: not null })
                .Select(p => (p.Month, Full * p.Share!.Value.Value!.Value, (Interval?)new Interval(Full * p.Share.Value.Wilson()!.Value.Low, Full * p.Share.Value.Wilson()!.Value.High))).ToList();
            Line(plot, [(0, Full, null), .. points], i, words.Month(cohorts[i].Month), true);
        }

        plot.Axes.SetLimits(-0.2, most + 0.3, 0, 108);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. Enumerable.Range(0, most + 1).Select(k => new Tick(k, words.Number(k)))]);
        (plot.Axes.Left.Label.Text, plot.Axes.Bottom.Label.Text) = (words.T("axis.share"), words.T("axis.months"));
        foreach (var label in (LabelStyle[])[plot.Axes.Left.Label, plot.Axes.Bottom.Label])
        {
            (label.Bold, label.FontSize) = (false, 13);
        }

        return Finished(plot, true);
    }

    private void Line(Plot plot, IReadOnlyList<(double X, double Y, Interval? Interval)> points, int number, string name, bool withIntervals)
    {
        var color = Color.FromHex(Tone.Lines[number]);
        foreach (var (x, _, interval) in withIntervals ? points : [])
        {
            if (interval is { } i)
            {
                var bar = plot.Add.Line(x, i.Low, x, i.High);
                (bar.Color, bar.LineWidth, bar.MarkerSize) = (color.WithAlpha(0.45), 2, 0);
            }
        }

        var line = plot.Add.Scatter(points.Select(p => p.X).ToArray(), points.Select(p => p.Y).ToArray(), color);
        (line.LineWidth, line.MarkerSize, line.MarkerShape, line.LegendText) = (2, 8, Shapes[number], name);
    }

    private void Ring(Plot plot, double from, double to, double inner, double outer, string color)
    {
        const int Steps = 60;
        Coordinates On(double share, double radius) => new(-radius * Math.Cos(Math.PI * share / Full), radius * Math.Sin(Math.PI * share / Full));
        var along = Enumerable.Range(0, Steps + 1).Select(i => from + (to - from) * i / Steps).ToList();
        var ring = plot.Add.Polygon([.. along.Select(s => On(s, outer)), .. along.AsEnumerable().Reverse().Select(s => On(s, inner))]);
        (ring.FillColor, ring.LineWidth) = (Color.FromHex(color), 0);
    }

    private void Write(Plot plot, string text, double x, double y, float size)
    {
        var label = plot.Add.Text(text, x, y);
        (label.LabelFontSize, label.LabelFontColor, label.LabelAlignment) = (size, Color.FromHex(Tone.Ink), Alignment.MiddleCenter);
    }

    private Plot Empty()
    {
        var plot = new Plot();
        plot.Font.Set(SKFontManager.Default.FontFamilies is var installed && Fonts.FirstOrDefault(installed.Contains) is { } font ? font : ScottPlot.Fonts.Default);
        plot.FigureBackground.Color = plot.DataBackground.Color = Color.FromHex(Tone.Ground);
        plot.Axes.Color(Color.FromHex(Tone.Ink));
        plot.Grid.MajorLineColor = Color.FromHex(Tone.Grid);
        plot.Grid.XAxisStyle.IsVisible = false;
        return plot;
    }

    private string Finished(Plot plot, bool hasLegend)
    {
        plot.Axes.Top.FrameLineStyle.IsVisible = plot.Axes.Right.FrameLineStyle.IsVisible = false;
        if (!hasLegend)
        {
            plot.HideLegend();
            return plot.GetSvgXml(Width, Height);
        }

        plot.Legend.BackgroundColor = Color.FromHex(Tone.Ground);
        plot.Legend.FontColor = Color.FromHex(Tone.Ink);
        plot.Legend.OutlineColor = Color.FromHex(Tone.Grid);
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.Orientation = Orientation.Vertical;
        plot.ShowLegend(Edge.Bottom);
        return plot.GetSvgXml(Width, Height + 110);
    }

    /// <summary>At most seven days along the axis.</summary>
    private static IEnumerable<DateOnly> Days(DateOnly first, DateOnly last)
    {
        var step = Math.Max(7, (last.DayNumber - first.DayNumber) / 6 / 7 * 7 + 7);
        for (var day = first; day <= last; day = day.AddDays(step))
        {
            yield return day;
        }
    }

    private static double At(DateOnly day) => day.ToDateTime(TimeOnly.MinValue).ToOADate();
}
