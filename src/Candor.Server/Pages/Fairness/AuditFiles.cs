using System.Reflection;
using Candor.Fairness;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace Candor.Server.Pages.Fairness;

/// <summary>An audit as files.</summary>
internal static class AuditFiles
{
    /// <summary>One HTML file that needs nothing else: stylesheet and pictures are in it.</summary>
    public static async Task<string> HtmlAsync(AuditPage page)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("wwwroot/candor.css")!);
        var style = await reader.ReadToEndAsync();
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var view = await renderer.RenderComponentAsync<AuditReportView>(ParameterView.FromDictionary(new Dictionary<string, object?> { ["Page"] = page, ["Style"] = style }));
            return view.ToHtmlString();
        });
    }

    public static string Svg(AuditPage page) => new AuditPicture(page).Svg(page.Report.Groupings);

    public static byte[] Png(AuditPage page) => new AuditPicture(page).Png(page.Report.Groupings);

    public static void WriteJson(string path, AuditPage page)
    {
        using var file = File.Create(path);
        AuditJson.Write(file, page.Report, page.Columns, page.Read);
    }
}
