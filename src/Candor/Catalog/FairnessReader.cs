using System.Collections.Frozen;
using System.Globalization;
using Candor.Kernel;
using YamlDotNet.RepresentationModel;

namespace Candor.Catalog;

/// <summary>Reads what a catalog says about fairness, and checks that what is asked for audits serves nothing else.</summary>
internal sealed class FairnessReader(YamlNodes nodes)
{
    private static readonly FrozenDictionary<string, OnBreach> Breaches = new Dictionary<string, OnBreach> { ["alert"] = OnBreach.Alert, ["pause"] = OnBreach.Pause }.ToFrozenDictionary();

    /// <summary>Members that mean that somebody reads, or that the purpose does something; an audit does neither.</summary>
    private static readonly string[] Reading = ["roles", "services", "recipients", "needsCase", "emergency", "automatedDecision", "holdOut", "fairness"];

    /// <summary>Whether a purpose is a bias audit; mistakes where it could be read for, or be owed to anybody.</summary>
    public bool ReadAudit(YamlMappingNode purpose, string what, LegalBasis basis)
    {
        var at = YamlNodes.Find(purpose, "biasAudit");
        if (!nodes.Flag(at, "biasAudit", false))
        {
            return false;
        }

        if (basis != LegalBasis.Consent)
        {
            nodes.Wrong(at!, $"{what} is a bias audit, which rests on consent and nothing else; write `basis: consent`.");
        }

        foreach (var member in Reading)
        {
            if (YamlNodes.Find(purpose, member) is { } found)
            {
                nodes.Wrong(found, $"{what} is a bias audit: what is given for it is only counted, so `{member}` has no meaning here.");
            }
        }

        return true;
    }

    /// <summary>What follows when groups are treated too differently.</summary>
    public FairnessRule ReadRule(YamlMappingNode purpose, string what, LegalBasis basis)
    {
        if (nodes.Mapping(YamlNodes.Find(purpose, "fairness"), "fairness") is not { } node)
        {
            return new FairnessRule();
        }

        nodes.OnlyKnown(node, "`fairness`", "minImpactRatio", "onBreach");
        var ratioNode = YamlNodes.Find(node, "minImpactRatio");
        var ratio = FairnessRule.FourFifths;
        if (ratioNode is not null && !(ratioNode is YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: { Length: <= 6 } text }
            && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out ratio) && ratio is > 0 and <= 1))
        {
            nodes.Wrong(ratioNode, $"`minImpactRatio` is a number above 0, at most 1, such as 0.8, without quotes; found `{Name.Shown(ratioNode.ToString())}`.");
        }

        var breachNode = YamlNodes.Find(node, "onBreach");
        var breach = nodes.Choice(breachNode, "onBreach", Breaches, OnBreach.Alert);
        if (breach == OnBreach.Pause && basis is (LegalBasis.Contract or LegalBasis.LegalObligation))
        {
            nodes.Wrong(breachNode!, $"{what} is owed to every customer, so it cannot be paused; write `onBreach: alert`.");
        }

        return new FairnessRule(ratio, breach);
    }

    /// <summary>The values that a field may have; empty: any.</summary>
    /// <param name="localized">Reads a label.</param>
    public IReadOnlyList<FieldValue> ReadValues(YamlMappingNode dataPoint, string what, DataPointKind kind, Func<YamlNode?, string, LocalizedText?> localized)
    {
        var at = YamlNodes.Find(dataPoint, "values");
        if (nodes.Mapping(at, "values") is not { } node)
        {
            return [];
        }

        if (kind != DataPointKind.Field)
        {
            nodes.Wrong(at!, $"{what} is no field, so `values` has no meaning here.");
        }

        if (node.Children.Count is < 2 or > FieldValue.Most)
        {
            nodes.Wrong(at!, $"`values` names 2 to {FieldValue.Most} values; found `{node.Children.Count}`.");
        }

        var values = new List<FieldValue>();
        foreach (var (key, label) in node.Children.ToList())
        {
            if (!FieldValue.IsValid(key.ToString()))
            {
                nodes.Wrong(key, $"A value in `values` is {FieldValue.Allowed}; found `{Name.Shown(key.ToString())}`.");
            }
            else if (localized(label, "label") is { } text)
            {
                values.Add(new FieldValue(key.ToString(), text));
            }
        }

        return values;
    }

    /// <summary>Checks what the audits of a catalog use.</summary>
    public void Check(YamlMappingNode? purposeNodes, YamlMappingNode? pointNodes, IReadOnlyList<DataPoint> points, IReadOnlyList<Purpose> purposes)
    {
        var audits = purposes.Where(p => p.BiasAudit).ToList();
        foreach (var second in audits.Skip(1))
        {
            nodes.Wrong(Key(purposeNodes, second.Id.Value), $"The catalog has one bias audit, `{audits[0].Id}`; let it use what `{second.Id}` uses.");
        }

        foreach (var (audit, point) in audits.SelectMany(a => points.Where(p => a.Uses.ContainsKey(p.Id)).Select(p => (a, p))))
        {
            var at = Key(pointNodes, point.Id.Value);
            if (point.Kind != DataPointKind.Field || point.Values.Count == 0)
            {
                nodes.Wrong(at, $"The bias audit `{audit.Id}` counts `{point.Id}` by group, so it is a field with `values`, such as `values: {{ under-30: Under 30, from-30: 30 or older }}`.");
            }

            if (point.CorrectionNeedsApproval || point.LegalHold is not null)
            {
                nodes.Wrong(at, $"`{point.Id}` is only counted, for the bias audit `{audit.Id}`; nobody may look at it, so it has no `correctionNeedsApproval` and no `legalHold`.");
            }

            if (purposes.FirstOrDefault(p => p.Id != audit.Id && p.Uses.ContainsKey(point.Id)) is { } other)
            {
                nodes.Wrong(at, $"`{point.Id}` is only counted, for the bias audit `{audit.Id}`, so `{other.Id}` may not use it.");
            }

            if (point.CollectedWith is { } with && with != audit.Id)
            {
                nodes.Wrong(at, $"`{point.Id}` comes in for the bias audit `{audit.Id}` alone, so `collectedWith` is `{audit.Id}` or left out.");
            }
        }
    }

    private static YamlNode Key(YamlMappingNode? parent, string name) => parent!.Children.Keys.First(k => k.ToString() == name);
}
