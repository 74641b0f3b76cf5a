using Candor.Catalog;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>A section of My Data &amp; Privacy.</summary>
/// <param name="Id">Also the name of its texts and of its picture.</param>
public sealed record MeSection(string Id, string Path)
{
    public static readonly IReadOnlyList<MeSection> All =
    [
        new("overview", "/me"), new("data", "/me/data"), new("choices", "/me/choices"), new("looks", "/me/looks"), new("why", "/me/why"),
        new("questions", "/me/questions"), new("requests", "/me/requests"), new("download", "/me/download"), new("sessions", "/me/sessions"), new("delete", "/me/delete"),
    ];
}

/// <summary>What happened just before, told once.</summary>
/// <param name="Code">Name of a text <c>said.CODE</c>.</param>
/// <param name="Version">The consent record that it is about; null when it is about none.</param>
public sealed record SaidView(string Code, long? Version);

/// <summary>What every page of My Data &amp; Privacy has around its own content.</summary>
public sealed class MeView(PageFrame frame, PurposeCatalog catalog, string formToken, bool isDemo, string section, SaidView? said)
{
    public PageFrame Frame { get; } = frame;

    public MeWords Words { get; } = new(catalog, frame.Language);

    public string FormToken { get; } = formToken;

    public bool IsDemo { get; } = isDemo;

    public string Section { get; } = section;

    public SaidView? Said { get; } = said;

    public Organisation Organisation => Words.Catalog.Organisation;
}
