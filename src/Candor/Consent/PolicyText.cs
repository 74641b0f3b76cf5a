using System.Text;
using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Consent;

/// <summary>Where and since when a policy counts.</summary>
/// <param name="Site">Address under which customers reach this installation.</param>
/// <param name="AppliedAt">Since when the catalog counts.</param>
/// <param name="Version">Of the catalog.</param>
public sealed record PolicyFacts(Uri Site, DateTimeOffset AppliedAt, long Version);

/// <summary>The privacy policy: all that GDPR articles 13 and 14 ask to tell, made from the catalog. Each use is told in the words of the notice, so that the two cannot differ.</summary>
/// <remarks>The form of <see cref="NoticeText"/>: `# ` and `## ` begin headings, `- ` an item of a list. It is Markdown as it stands.</remarks>
public sealed class PolicyText
{
    private readonly StringBuilder text = new();
    private readonly PurposeCatalog catalog;
    private readonly PolicyFacts facts;
    private readonly Wording wording;

    private PolicyText(PurposeCatalog catalog, string language, PolicyFacts facts) => (this.catalog, this.facts, wording) = (catalog, facts, Wording.In(language));

    /// <exception cref="Fault">Invalid <c>consent/no-wording</c>: there is no wording in that language.</exception>
    public static string Generate(PurposeCatalog catalog, string language, PolicyFacts facts)
    {
        var policy = new PolicyText(catalog, language, facts);
        policy.Who();
        foreach (var purpose in NoticeText.Ordered(catalog))
        {
            policy.Use(purpose);
        }

        policy.Sources();
        policy.Recipients();
        policy.Rights();
        policy.Rest();
        return policy.text.ToString().ReplaceLineEndings("\n").Normalize(NormalizationForm.FormC);
    }

    private string Page => wording.Text("page.me");

    private string Url(string path) => new Uri(facts.Site, path).ToString();

    private void Say(string sentence) => text.AppendLine(sentence).AppendLine();

    private void Say(string name, params ReadOnlySpan<(string Blank, string Value)> values) => Say(wording.Text(name, values));

    private void Heading(string name) => text.Append("## ").AppendLine(wording.Text(name)).AppendLine();

    private void Who()
    {
        var o = catalog.Organisation;
        text.Append("# ");
        Say("policy.title", ("organisation", o.Name));
        Say("policy.intro", []);
        Heading("notice.who.title");
        Say("notice.who", ("organisation", o.Name), ("contact", o.Contact));
        if (o.Address is { } address)
        {
            Say("notice.who.address", ("address", address));
        }

        if (o.Phone is { } phone)
        {
            Say("policy.phone", ("phone", phone));
        }

        foreach (var (name, party) in o.JointControllers.Select(j => ("policy.joint", j)).Concat(new[] { ("policy.representative", o.Representative), ("policy.dpo", o.Dpo) }.Where(p => p.Item2 is not null).Select(p => (p.Item1, p.Item2!))))
        {
            Say(name, ("name", party.Address is { } at ? $"{party.Name}, {at}" : party.Name), ("contact", party.Contact));
        }
    }

    private void Use(Purpose purpose)
    {
        NoticeText.AppendSection(text, catalog, purpose, wording);
        text.AppendLine();
        var basis = CatalogReader.WordOf(purpose.Basis);
        Say("policy.article." + basis, []);
        Say("policy.must." + basis, []);
        if (purpose.IfOff is { } off)
        {
            Say("policy.off", ("text", off.OnOneLine(wording.Language)));
        }

        if (purpose.AutomatedDecision)
        {
            Say(purpose.MakesSuggestions ? "policy.logic" : "policy.logic.other", ("data", wording.List([.. catalog.DataPointsOf(purpose).Select(d => d.Label.OnOneLine(wording.Language))])));
        }
    }

    private void Sources()
    {
        Heading("policy.source.title");
        Say("policy.source", []);
        foreach (var point in catalog.DataPoints.Values.Where(d => catalog.Purposes.Values.Any(p => p.Active && p.Uses.ContainsKey(d.Id))).OrderBy(d => d.Kind).ThenBy(d => d.Id.Value, StringComparer.Ordinal))
        {
            Item(wording.Text(point.Kind == DataPointKind.Field ? "policy.source.field" : "policy.source.history", ("label", point.Label.OnOneLine(wording.Language))));
        }

        text.AppendLine();
    }

    private void Recipients()
    {
        Heading("policy.recipients.title");
        var named = catalog.NamedRecipients.Order(StringComparer.Ordinal).ToList();
        if (named.Count == 0)
        {
            Say("policy.recipients.none", []);
        }

        foreach (var name in named)
        {
            Item(catalog.Recipients.TryGetValue(name, out var recipient) ? Described(recipient) : wording.Text("policy.recipient.unknown", ("name", name)));
        }

        text.AppendLine();
    }

    private string Described(Recipient r)
    {
        var said = wording.Text("policy.recipient", ("name", r.Name), ("country", r.Country), ("does", r.Does.OnOneLine(wording.Language).TrimEnd('.')));
        var own = r.Kind == RecipientKind.Controller ? " " + wording.Text("policy.recipient.own") : "";
        return said + own + (RecipientDiff.OutsideOf(catalog, r.Name) is null ? "" : " " + wording.Text("policy.transfer." + (r.Safeguard?.ToString() ?? "none")));
    }

    private void Rights()
    {
        Heading("notice.rights.title");
        foreach (var right in NoticeText.Rights)
        {
            Item(wording.Text("notice.rights." + right));
        }

        text.AppendLine();
        Say("policy.rights.how", ("page", Page), ("url", Url("/me")), ("contact", catalog.Organisation.Contact));
        Say("policy.rights.withdraw", []);
        if (catalog.Organisation.Authority is { } authority)
        {
            Say("policy.authority", ("authority", authority));
        }
    }

    private void Rest()
    {
        Heading("policy.cookies.title");
        Say("policy.cookies", ("url", Url("/")));
        Heading("policy.safe.title");
        Say("policy.safe", ("page", Page));
        Say("policy.backups", ("period", wording.Period(catalog.Organisation.BackupsKept)));
        Heading("policy.version.title");
        Say("policy.version", ("day", facts.AppliedAt.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)),
            ("version", facts.Version.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("digest", catalog.Digest));
    }

    private void Item(string item) => text.Append("- ").AppendLine(item);
}
