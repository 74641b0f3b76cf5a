using System.Text.Json;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Endpoints;

/// <summary>The notice that counts now, to show before asking; <c>notice</c> is its version.</summary>
internal sealed record NoticeAnswer(string Notice, string Language, long CatalogVersion, string Text);

/// <summary>The public face of the catalog.</summary>
internal sealed record CatalogAnswer(long Version, string Organisation, string Contact, IReadOnlyList<DataPointAnswer> DataPoints, IReadOnlyList<PurposeAnswer> Purposes);

/// <param name="BiasAudit">Only counted, in groups, to see whether uses treat people alike; nobody reads it.</param>
internal sealed record DataPointAnswer(string Id, string Kind, string Label, string Category, string Retention, bool BiasAudit);

/// <param name="BiasAudit">What is given for it is only counted; nobody reads it, and it serves nothing else.</param>
internal sealed record PurposeAnswer(
    string Id, string Label, string Why, string Basis, bool Active, IReadOnlyDictionary<string, string> Uses, string? ConsentLasts, IReadOnlyList<string> Recipients, bool BiasAudit);

/// <summary>What anybody may know: notices and the catalog.</summary>
internal static class CatalogEndpoints
{
    public static void MapCatalog(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/notices/{language}", NoticeAsync).WithTags("Public").WithSummary("The current notice in a language, with its version").AllowAnonymous();
        app.MapGet("/v1/catalog", CatalogAsync).WithTags("Public").WithSummary("All data points and purposes").AllowAnonymous();
    }

    private static async Task<Ok<NoticeAnswer>> NoticeAsync(string language, CandorHost host, CancellationToken ct)
    {
        var catalog = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct);
        var languages = catalog.Catalog.Organisation.Languages;
        if (!languages.Contains(language))
        {
            throw new Fault(FaultKind.NotFound, "consent/no-such-language", $"Notices are in {string.Join(", ", languages.Select(l => $"`{l}`"))}; got `{Name.Shown(language)}`.");
        }

        var notice = NoticeText.Generate(catalog.Catalog, language);
        return TypedResults.Ok(new NoticeAnswer(notice.Hash, language, catalog.Version, notice.Text));
    }

    private static async Task<Ok<CatalogAnswer>> CatalogAsync(CandorHost host, CancellationToken ct)
    {
        var (version, catalog, _) = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct);
        var language = catalog.Organisation.Languages[0];
        return TypedResults.Ok(new CatalogAnswer(version, catalog.Organisation.Name, catalog.Organisation.Contact,
            [.. catalog.DataPoints.Values.OrderBy(d => d.Id.Value, StringComparer.Ordinal)
                .Select(d => new DataPointAnswer(d.Id.Value, Word(d.Kind), d.Label.In(language), d.Category, d.Retention.ToString(), catalog.AggregateOnly.Contains(d.Id)))],
            [.. catalog.Purposes.Values.OrderBy(p => p.Id.Value, StringComparer.Ordinal).Select(p => Answer(p, language))]));
    }

    private static PurposeAnswer Answer(Purpose p, string language) => new(p.Id.Value, p.Label.In(language), p.Why.In(language), Word(p.Basis), p.Active,
        p.Uses.OrderBy(u => u.Key.Value, StringComparer.Ordinal).ToDictionary(u => u.Key.Value, u => Word(u.Value)), p.ConsentLasts?.Text, [.. p.Recipients.Order(StringComparer.Ordinal)], p.BiasAudit);

    private static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
