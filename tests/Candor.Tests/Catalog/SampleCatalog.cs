using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Tests.Catalog;

/// <summary>A small catalog that uses every member, and ways to spoil it.</summary>
internal static class SampleCatalog
{
    public const string File = "candor.yaml";

    public const string Yaml =
        """
        organisation: { name: Maple, contact: privacy@maple.example, country: GB, languages: [en, de] }
        dataPoints:
          email: { kind: field, label: { en: Email, de: E-Mail }, category: EmailAddress, retention: while-customer }
          orders:
            kind: history
            label: { en: Orders, de: Käufe }
            category: Purchase
            retention: P2Y
            findBy: number
            legalHold: { reason: { en: tax, de: Steuer }, for: P6Y, keeps: [total, date] }
          views: { kind: history, label: { en: Pages, de: Seiten }, category: Interest, retention: P90D, collectedWith: tips }
          age: { kind: field, label: { en: Age, de: Alter }, category: AgeRange, retention: while-customer, values: { under-30: { en: Under 30, de: Unter 30 }, 30+: { en: 30 or older, de: Ab 30 } } }
        purposes:
          support:
            label: { en: Help, de: Hilfe }
            why: { en: So that we can help., de: Damit wir helfen. }
            basis: contract
            uses: { email: high, orders: medium }
            roles: [agent]
            needsCase: true
            emergency: true
            recipients: [Parcel service]
            dpvPurpose: CustomerCare
          tips:
            label: { en: Tips, de: Tipps }
            why: { en: To suggest things., de: Um Tipps zu geben. }
            basis: consent
            consentLasts: P12M
            remindEvery: P6M
            uses: { views: high }
            services: [shop]
            automatedDecision: true
            holdOut: 20
            fairness: { minImpactRatio: 0.7, onBreach: pause }
            active: true
          refills:
            label: { en: Refills, de: Nachschub }
            why: { en: To tell you in time., de: Damit Sie es rechtzeitig wissen. }
            basis: consent
            consentLasts: P12M
            uses: { email: high, orders: high }
            services: [mailer]
          audit:
            label: { en: Fairness, de: Fairness }
            why: { en: To see that we are fair., de: Um fair zu sein. }
            basis: consent
            consentLasts: P12M
            uses: { age: high }
            biasAudit: true
        proactive:
          messagesAtMost: { count: 2, per: P7D }
          itemShownAtMost: 3
          lateOrders: { history: orders, after: P5D, linesFor: support, messagesFor: support }
          repeatedContacts: { history: orders, times: 3, within: P14D, linesFor: support }
          runningOut: { history: orders, before: P2D, lasts: { tea: P30D }, messagesFor: refills }
          leftCarts: { history: orders, after: PT4H, atMostEvery: P7D, messagesFor: refills }
        recipients:
          Parcel service:
            kind: processor
            does: { en: Brings parcels, de: Bringt Pakete }
            country: US
            safeguard: standard-contractual-clauses
            contract: { signed: 2025-03-01, until: 2027-03-01, where: Folder 12 }

        """;

    public static PurposeCatalog Read() => PurposeCatalog.Read(Yaml, File);

    /// <summary>The sample with one passage replaced.</summary>
    public static string With(string passage, string replacement)
    {
        Assert.Contains(passage, Yaml, StringComparison.Ordinal);
        var at = Yaml.IndexOf(passage, StringComparison.Ordinal);
        return string.Concat(Yaml.AsSpan(0, at), replacement, Yaml.AsSpan(at + passage.Length));
    }

    public static PurposeCatalog ReadWith(string passage, string replacement) => PurposeCatalog.Read(With(passage, replacement), File);

    /// <summary>Mistakes and warnings of a text; never anything but a fault is thrown.</summary>
    public static IReadOnlyList<CatalogMistake> MistakesOf(string yaml)
    {
        try
        {
            PurposeCatalog.Read(yaml, File);
            return [];
        }
        catch (Fault fault)
        {
            Assert.Equal((FaultKind.Invalid, "catalog/mistakes"), (fault.Kind, fault.What));
            return CatalogMistakes.Of(fault);
        }
    }

    public static string TemporaryFile(string yaml)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("candor-catalog-").FullName, File);
        System.IO.File.WriteAllText(path, yaml);
        return path;
    }
}

/// <summary>A mistake in the sample.</summary>
/// <param name="Passage">What is replaced.</param>
/// <param name="Replacement">By what; <c>¦</c> marks the place that the message must name.</param>
/// <param name="Says">Part of the message.</param>
/// <param name="SchemaSees">False where a JSON Schema cannot express the rule.</param>
internal sealed record BadCatalog(string Name, string Passage, string Replacement, string Says, bool SchemaSees = true)
{
    private const char Marker = '¦';

    /// <summary>Where the message points when that is not what was replaced, with the mark.</summary>
    public string? At { get; init; }

    public string Yaml => SampleCatalog.With(Passage, Replacement).Replace(Marker.ToString(), "", StringComparison.Ordinal);

    public (long Line, long Column) Place
    {
        get
        {
            var spoilt = SampleCatalog.With(Passage, Replacement);
            var before = (At is null ? spoilt : spoilt.Replace(At.Replace(Marker.ToString(), "", StringComparison.Ordinal), At, StringComparison.Ordinal)).Split(Marker)[0];
            return (before.Count(c => c == '\n') + 1, before.Length - before.LastIndexOf('\n'));
        }
    }

    public static readonly IReadOnlyList<BadCatalog> All =
    [
        new("an unknown member of the catalog", "purposes:\n", "¦purpose: {}\npurposes:\n", "A catalog has no `purpose`. Did you mean `purposes`? Allowed are `organisation`, `dataPoints`, `purposes`, `neverSuggest`, `proactive`, `recipients`."),
        new("an unknown member of the organisation", "country: GB", "country: GB, ¦phones: x", "The organisation has no `phones`. Did you mean `phone`?"),
        new("an unknown member of a data point", "kind: field, ", "kind: field, ¦lable: x, ", "The data point `email` has no `lable`. Did you mean `label`?"),
        new("an unknown member of a purpose", "needsCase: true", "¦needCase: true", "The purpose `support` has no `needCase`. Did you mean `needsCase`?"),
        new("an unknown member of a legal hold", "for: P6Y, ", "for: P6Y, ¦form: x, ", "The legal hold of `orders` has no `form`. Did you mean `for`?"),
        new("an unknown member of a recipient", "does: { en: Brings", "¦doing: x\n    does: { en: Brings", "The recipient `Parcel service` has no `doing`."),
        new("a recipient of no country", "country: US", "country: ¦USA", "`country` is a country code of two capital letters, such as `GB`; found `USA`."),
        new("an unknown safeguard", "safeguard: standard-contractual-clauses", "safeguard: ¦standard-clauses", "`safeguard` is one of `adequacy`, `binding-corporate-rules`, `certification`, `code-of-conduct`, `derogation`, `standard-contractual-clauses`; found `standard-clauses`."),
        new("a contract on no day", "signed: 2025-03-01", "signed: ¦last spring", "`signed` is a day such as `2026-12-25`; found `last spring`."),
        new("a contract that ends before it was signed", "until: 2027-03-01", "until: ¦2024-03-01", "`until` is the day on which the contract ends or is looked at again, not before `signed`; found `2024-03-01`.", SchemaSees: false),
        new("an officer without an address", "languages: [en, de] }", "languages: [en, de], dpo: ¦{ name: Dana } }", "`dpo` needs `contact`."),
        new("an unknown data point in uses", "{ email: high,", "{ ¦emial: high,", "`uses` names data points of this catalog: `email`, `orders`, `views`, `age`; found `emial`. Did you mean `email`?", SchemaSees: false),
        new("a bad period", "retention: P2Y", "retention: ¦2 years", "`retention` is `while-customer` or a period such as `P90D`, `P6M` or `P2Y`, at most 100 years; found `2 years`."),
        new("a period of no days", "consentLasts: P12M", "consentLasts: ¦P0D", "`consentLasts` is a period such as"),
        new("a period beyond 100 years", "for: P6Y", "for: ¦P101Y", "`for` is a period such as `P90D`, `P6M` or `P2Y`, at most 100 years; found `P101Y`.", SchemaSees: false),
        new("a bad necessity", "orders: medium", "orders: ¦hihg", "`orders` is one of `high`, `low`, `medium`; found `hihg`. Did you mean `high`?"),
        new("an unknown category", "category: EmailAddress", "category: ¦EmailAdress", "found `EmailAdress`. Did you mean `EmailAddress`?"),
        new("an unknown kind", "kind: field", "kind: ¦list", "`kind` is one of `field`, `history`; found `list`."),
        new("an unknown basis", "basis: contract", "basis: ¦contrat", "`basis` is one of `consent`, `contract`, `legal-obligation`, `legitimate-interest`; found `contrat`. Did you mean `contract`?"),
        new("an unknown purpose of the vocabulary", "CustomerCare", "¦CustomerCar", "Did you mean `CustomerCare`?"),
        new("no why", "label: { en: Help, de: Hilfe }\n    why: { en: So that we can help., de: Damit wir helfen. }", "¦label: { en: Help, de: Hilfe }", "The purpose `support` needs `why`."),
        new("no label", "email: { kind: field, label: { en: Email, de: E-Mail }, ", "email: ¦{ kind: field, ", "The data point `email` needs `label`."),
        new("a language missing", "{ en: Orders, de: Käufe }", "¦{ en: Orders }", "`label` needs `de`.", SchemaSees: false),
        new("a language too many", "{ en: Orders, de: Käufe }", "{ en: Orders, de: Käufe, ¦fr: Achats }", "`label` has no `fr`. Allowed are `en`, `de`.", SchemaSees: false),
        new("collectedWith an unknown purpose", "collectedWith: tips", "collectedWith: ¦tip", "`collectedWith` names a purpose of this catalog: `support`, `tips`, `refills`, `audit`; found `tip`. Did you mean `tips`?", SchemaSees: false),
        new("consentLasts without consent", "basis: contract", "basis: contract\n    consentLasts: ¦P12M", "The purpose `support` does not rest on consent, so `consentLasts` has no meaning here."),
        new("a purpose without data", "{ views: high }", "¦{}", "A purpose uses at least one data point."),
        new("a bad name", "  views: {", "  ¦page_views: {", "The name of a data point is 1 to 64 characters, a letter first, then `a-z A-Z 0-9 -`; found `page_views`."),
        new("a bad role", "[agent]", "[¦the agent]", "A name in `roles` is"),
        new("a role twice", "[agent]", "[agent, ¦agent]", "`agent` stands twice in `roles`; once is enough."),
        new("a text instead of a list", "[shop]", "¦shop", "`services` is a list, such as `[first, second]`."),
        new("a list instead of a text", "name: Maple", "name: ¦[Maple]", "`name` is one text of 1 to 200 characters."),
        new("a text instead of a mapping", "uses: { views: high }", "uses: ¦views", "`uses` is a mapping of names to values."),
        new("a number instead of a text", "name: Maple", "name: ¦12", "`name` is a text, and YAML reads `12` as a number; write it in quotes."),
        new("nothing instead of a text", "name: Maple", "name: ¦null", "YAML reads `null` as nothing"),
        new("findBy on a field", "category: EmailAddress", "category: EmailAddress, findBy: ¦number", "The data point `email` is no history, so `findBy` has no meaning here."),
        new("a word instead of an emergency", "emergency: true", "emergency: ¦yes", "`emergency` is `true` or `false`, without quotes; found `yes`."),
        new("a quoted flag", "needsCase: true", "needsCase: ¦\"true\"", "`needsCase` is `true` or `false`, without quotes; found `true`."),
        new("a word instead of a flag", "needsCase: true", "needsCase: ¦yes", "`needsCase` is `true` or `false`, without quotes; found `yes`."),
        new("a bad country", "country: GB", "country: ¦Gb", "`country` is a country code of two capital letters, such as `GB`; found `Gb`."),
        new("no language", "[en, de]", "¦[]", "`languages` names at least one language, such as `[en]`."),
        new("a bad language", "[en, de]", "[en, ¦deu]", "`languages` is a list of language codes of two small letters"),
        new("a bad contact", "privacy@maple.example", "¦privacy", "`contact` is an e-mail address for privacy questions; found `privacy`."),
        new("a script for an address", "country: GB", "country: GB, url: ¦\"javascript:alert(1)\"", "`url` is an address that begins with `https://`"),
        new("a bad holiday", "country: GB", "country: GB, holidays: [¦12-25]", "`holidays` is a list of days such as `2026-12-25`; found `12-25`."),
        new("a holiday that does not exist", "country: GB", "country: GB, holidays: [¦2026-02-30]", "found `2026-02-30`.", SchemaSees: false),
        new("a hold that keeps nothing", "[total, date]", "¦[]", "`keeps` names at least one member of the record"),
        new("a control character in a text", "{ en: Help, de: Hilfe }", "{ en: ¦\"He\\u0007lp\", de: Hilfe }", "`label` has control characters inside."),
        new("a line break in a name", "name: Maple", "name: ¦\"Ma\\nple\"", "`name` has line breaks or control characters inside."),
        new("the data points twice", "purposes:\n", "¦dataPoints: {}\npurposes:\n", "`dataPoints` stands here twice; each name is allowed once.", SchemaSees: false),
        new("a data point twice", "  views: {", "  ¦email: { kind: field }\n  views: {", "`email` stands here twice; each name is allowed once.", SchemaSees: false),
        new("an anchor", "basis: contract", "basis: ¦&b contract", "A catalog uses no anchors, found `&b`; write each value out.", SchemaSees: false),
        new("a reference", "basis: contract", "basis: ¦*b", "a catalog uses no references, found `*b`", SchemaSees: false),
        new("a merge key", "basis: contract", "basis: contract\n    ¦<<: { needsCase: true }", "The purpose `support` has no `<<`.", SchemaSees: true),
        new("a tag", "basis: contract", "basis: ¦!!str contract", "A catalog uses no tags", SchemaSees: false),
        new("a list as a name", "basis: contract", "basis: contract\n    ¦[a, b]: c", "A name is one word before a colon, not a list or a mapping.", SchemaSees: false),
        new("a comparison group of what is owed", "basis: contract", "basis: contract\n    holdOut: ¦5", "The purpose `support` is owed to every customer, so `holdOut` has no meaning here."),
        new("too large a comparison group", "holdOut: 20", "holdOut: ¦51", "`holdOut` is a whole number from 0 to 50, without quotes; found `51`."),
        new("a bias audit without consent", "basis: consent\n    consentLasts: P12M\n    uses: { age: high }\n    biasAudit: true", "basis: legitimate-interest\n    uses: { age: high }\n    biasAudit: ¦true", "The purpose `audit` is a bias audit, which rests on consent and nothing else; write `basis: consent`."),
        new("a reader of a bias audit", "biasAudit: true", "biasAudit: true\n    roles: ¦[analyst]", "The purpose `audit` is a bias audit: what is given for it is only counted, so `roles` has no meaning here."),
        new("a bias audit that is handed on", "biasAudit: true", "biasAudit: true\n    recipients: ¦[Auditor]", "so `recipients` has no meaning here."),
        new("a second use of what is only counted", "{ views: high }", "{ views: high, age: low }", "`age` is only counted, for the bias audit `audit`, so `tips` may not use it.", SchemaSees: false) { At = "  ¦age: {" },
        new("a history in a bias audit", "uses: { age: high }", "uses: { views: high }", "The bias audit `audit` counts `views` by group, so it is a field with `values`", SchemaSees: false) { At = "  ¦views: {" },
        new("a free text in a bias audit", "while-customer, values: { under-30: { en: Under 30, de: Unter 30 }, 30+: { en: 30 or older, de: Ab 30 } } }", "while-customer }", "The bias audit `audit` counts `age` by group, so it is a field with `values`", SchemaSees: false) { At = "  ¦age: {" },
        new("staff who check what is only counted", "retention: while-customer, values", "retention: while-customer, correctionNeedsApproval: true, values", "nobody may look at it, so it has no `correctionNeedsApproval` and no `legalHold`.", SchemaSees: false) { At = "  ¦age: {" },
        new("an audit's data from another purpose", "retention: while-customer, values", "retention: while-customer, collectedWith: tips, values", "`age` comes in for the bias audit `audit` alone, so `collectedWith` is `audit` or left out.", SchemaSees: false) { At = "  ¦age: {" },
        new("values of a history", "findBy: number", "findBy: number\n    values: ¦{ a: { en: A, de: A }, b: { en: B, de: B } }", "The data point `orders` is no field, so `values` has no meaning here."),
        new("a single value", ", 30+: { en: 30 or older, de: Ab 30 } }", " }", "`values` names 2 to 50 values; found `1`.") { At = "values: ¦{" },
        new("a bad value", "30+: {", "¦over 30: {", "A value in `values` is 1 to 64 letters, digits, `-` and `+`, a letter or digit first; found `over 30`."),
        new("a limit beyond all", "minImpactRatio: 0.7", "minImpactRatio: ¦1.2", "`minImpactRatio` is a number above 0, at most 1, such as 0.8, without quotes; found `1.2`."),
        new("a limit in words", "minImpactRatio: 0.7", "minImpactRatio: ¦four-fifths", "`minImpactRatio` is a number above 0"),
        new("an unknown consequence", "onBreach: pause", "onBreach: ¦stop", "`onBreach` is one of `alert`, `pause`; found `stop`."),
        new("a pause of what is owed", "basis: contract", "basis: contract\n    fairness: { onBreach: ¦pause }", "The purpose `support` is owed to every customer, so it cannot be paused; write `onBreach: alert`."),
        new("an unknown rule", "  runningOut:", "  ¦runsOut:", "`proactive` has no `runsOut`. Allowed are `messagesAtMost`"),
        new("an unknown member of a rule", "before: P2D", "¦befor: P2D", "`runningOut` has no `befor`. Did you mean `before`?"),
        new("a limit that is none", "count: 2", "count: ¦0", "`count` is a whole number from 1 to 100, without quotes; found `0`."),
        new("a number in quotes", "itemShownAtMost: 3", "itemShownAtMost: ¦\"3\"", "`itemShownAtMost` is a whole number from 1 to 100, without quotes; found `3`."),
        new("once is not repeated", "times: 3", "times: ¦1", "`times` is a whole number from 2 to 100"),
        new("a rule for nothing", "lateOrders: { history: orders, after: P5D, linesFor: support, messagesFor: support }", "lateOrders: ¦{ history: orders, after: P5D }", "`lateOrders` needs `linesFor`, `messagesFor`, or both."),
        new("a rule without a history", "leftCarts: { history: orders, ", "leftCarts: ¦{ ", "`leftCarts` needs `history`."),
        new("a rule about a field", "lateOrders: { history: orders", "lateOrders: { history: ¦email", "`history` names a history of this catalog: `orders`, `views`; found `email`.", SchemaSees: false),
        new("a rule for an unknown purpose", "linesFor: support, messagesFor", "linesFor: ¦suport, messagesFor", "`linesFor` names a purpose of this catalog: `support`, `tips`, `refills`, `audit`; found `suport`. Did you mean `support`?", SchemaSees: false),
        new("a rule beyond its purpose", "lateOrders: { history: orders, after: P5D, linesFor: support", "lateOrders: { history: orders, after: P5D, linesFor: ¦tips", "`linesFor` of `lateOrders` names `tips`, which does not use `orders`; a rule reads what its purpose uses and nothing beyond.", SchemaSees: false),
        new("advertising without consent", "runningOut: { history: orders, before: P2D, lasts: { tea: P30D }, messagesFor: refills", "runningOut: { history: orders, before: P2D, lasts: { tea: P30D }, messagesFor: ¦support", "`messagesFor` of `runningOut` names `support`, which rests on contract; allowed is consent.", SchemaSees: false),
        new("a message without an address", "leftCarts: { history: orders, after: PT4H, atMostEvery: P7D, messagesFor: refills", "leftCarts: { history: views, after: PT4H, atMostEvery: P7D, messagesFor: ¦tips", "`messagesFor` of `leftCarts` names `tips`, which uses no data point of category `EmailAddress` that a message could go to.", SchemaSees: false),
        new("a bad delay", "after: PT4H", "after: ¦4 hours", "`after` is a time such as `PT4H`, `PT30M` or `P1D`, at most 30 days; found `4 hours`."),
        new("no delay", "after: PT4H", "after: ¦PT0H", "`after` is a time such as", SchemaSees: false),
        new("a tab", "    basis: contract", "¦\tbasis: contract", "a tab stands at the beginning of this line; indent with spaces", SchemaSees: false),
        new("a second document", "purposes:\n", "¦---\npurposes:\n", "a second document begins here; a catalog is one", SchemaSees: false),
    ];
}
