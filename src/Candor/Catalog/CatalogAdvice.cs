using Candor.Kernel;
using YamlDotNet.RepresentationModel;

namespace Candor.Catalog;

/// <summary>Warnings about a catalog without mistakes: what works as it stands and is probably not meant.</summary>
internal sealed class CatalogAdvice(YamlNodes nodes, YamlMappingNode pointNodes, YamlMappingNode purposeNodes)
{
    public void Give(IReadOnlyList<DataPoint> points, IReadOnlyList<Purpose> purposes)
    {
        foreach (var purpose in purposes)
        {
            AdviseOn(purpose);
        }

        foreach (var point in points)
        {
            AdviseOn(point, purposes);
        }
    }

    private void AdviseOn(Purpose purpose)
    {
        if (purpose is { Basis: LegalBasis.Consent, ConsentLasts: null })
        {
            Purpose(purpose.Id, $"A consent to `{purpose.Id}` lasts until it is withdrawn; to ask again after a time, write `consentLasts: P12M`.");
        }

        if (purpose is { ConsentLasts: { } lasts, RemindEvery: { } every } && every.ApproximateDays >= lasts.ApproximateDays)
        {
            Purpose(purpose.Id, $"A consent to `{purpose.Id}` lasts {lasts}, so the reminder after {every} never comes.");
        }

        if (purpose is { Active: true, BiasAudit: false, Roles.Count: 0, Services.Count: 0 })
        {
            Purpose(purpose.Id, $"Nobody may read for `{purpose.Id}`: it names no `roles` and no `services`.");
        }
    }

    private void AdviseOn(DataPoint point, IReadOnlyList<Purpose> purposes)
    {
        if (!purposes.Any(p => p.Uses.ContainsKey(point.Id)))
        {
            Point(point.Id, $"No purpose uses `{point.Id}`, so nothing of it is stored.");
        }
        else if (point.CollectedWith is { } with && !purposes.Single(p => p.Id == with).Uses.ContainsKey(point.Id))
        {
            Point(point.Id, $"`{point.Id}` comes in with `{with}`, which does not use it.");
        }
    }

    private void Purpose(PurposeId id, string text) => Warn(purposeNodes, id.Value, text);

    private void Point(DataPointId id, string text) => Warn(pointNodes, id.Value, text);

    private void Warn(YamlMappingNode parent, string name, string text) =>
        nodes.Warn(parent.Children.Keys.First(k => k.ToString() == name), text);
}
