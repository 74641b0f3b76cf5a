using System.Globalization;
using System.Net.Mime;
using System.Text;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;

namespace Candor.Messages;

/// <summary>Who gets a letter.</summary>
/// <param name="Languages">The most wanted first; null where nothing is known.</param>
internal sealed record Receiver(string Address, string? Name, params IReadOnlyList<string?> Languages);

/// <summary>Puts a message into words, in the receiver's language.</summary>
internal sealed class LetterWriter(MessageTexts texts, ReceiptWriter receipts, Unsubscribing unsubscribing, Uri site)
{
    /// <summary>Writes a message whose values say all of it.</summary>
    /// <param name="purpose">The purpose it is sent for and the customer; null for what is about the receiver's own rights.</param>
    public Letter Write(string id, string template, Receiver to, IReadOnlyDictionary<string, string> given, Organisation organisation, (CustomerId Customer, Purpose Purpose)? purpose, IReadOnlyList<LetterFile> files)
    {
        var (text, frame, language) = Find(template, to, organisation);
        var values = new Dictionary<string, string>(given)
        {
            ["organisation"] = organisation.Name,
            ["contact"] = organisation.Contact,
            ["name"] = to.Name ?? "",
            ["greeting"] = to.Name is { Length: > 0 } name ? frame.Text("greeting", ("name", Letter.OneLine(name))) : frame.Text("greeting.none"),
            ["me"] = new Uri(site, "me").AbsoluteUri,
            ["staff"] = new Uri(site, "staff").AbsoluteUri,
            ["site"] = organisation.Url ?? site.AbsoluteUri,
            ["purpose"] = purpose?.Purpose.Label.In(language) ?? "",
        };
        var (subject, words) = text.Fill(values);
        var unsubscribe = purpose is { Purpose.Basis: LegalBasis.Consent or LegalBasis.LegitimateInterest } p ? unsubscribing.Link(p.Customer, p.Purpose.Id) : null;
        var ending = TemplateBlanks.IsForStaff(template) ? frame.Text("end.staff", ("organisation", organisation.Name), ("contact", organisation.Contact))
            : purpose is null ? frame.Text("end.rights", ("organisation", organisation.Name), ("contact", organisation.Contact))
            : unsubscribe is null ? frame.Text("end.contract", ("purpose", values["purpose"]), ("organisation", organisation.Name), ("contact", organisation.Contact))
            : frame.Text("end.purpose", ("purpose", values["purpose"]), ("organisation", organisation.Name), ("unsubscribe", unsubscribe.AbsoluteUri));
        return new Letter(id, to.Address, to.Name, subject, $"{words}\n-- \n{ending}\n", MailPage.ToHtml(subject, words, ending, language), files, unsubscribe);
    }

    /// <summary>Adds what <paramref name="facts"/> say to the values of a message.</summary>
    /// <returns>Null when there is nothing left to say.</returns>
    public (Dictionary<string, string> Values, IReadOnlyList<LetterFile> Files)? Tell(string template, Receiver to, IReadOnlyDictionary<string, string> given, LetterFacts facts)
    {
        var (_, frame, language) = Find(template, to, facts.Catalog.Catalog.Organisation);
        var values = InWords(given, frame, language, facts.Catalog.Catalog);
        if (template == TemplateBlanks.ChoiceChanged)
        {
            var files = facts.Changes.SelectMany(c => Files(c, frame, facts.Now)).ToList();
            values["changes"] = List(facts.Changes.Select(c => Change(c.Record, facts.Catalog.Catalog, frame, language)));
            values["receipts"] = files.Count > 0 ? frame.Text("receipts") : "";
            return facts.Changes.Count == 0 ? null : (values, files);
        }

        if (template is not (TemplateBlanks.Reminder or TemplateBlanks.ConsentExpiring or TemplateBlanks.AskAgain))
        {
            return (values, []);
        }

        var expiring = Named(given, "expiring").Where(facts.On.Contains).ToHashSet();
        values["expiring"] = Choices(expiring.Contains);
        values["choices"] = Choices(p => facts.On.Contains(p) && !expiring.Contains(p));
        var asked = Named(given, "ask").Where(p => ReminderPlan.MayAsk(facts.Catalog, facts.Choices, p, facts.Now));
        values["ask"] = List(asked.Select(p => facts.Catalog.Catalog.Purposes[p].Label.In(language)));
        var needed = template switch { TemplateBlanks.Reminder => "choices", TemplateBlanks.ConsentExpiring => "expiring", _ => "ask" };
        return values[needed].Length == 0 ? null : (values, []);

        string Choices(Func<PurposeId, bool> which) => List(facts.Choices.Where(c => facts.On.Contains(c.Purpose) && which(c.Purpose)).Select(c => Standing(c, facts.Catalog.Catalog, frame, language)));
    }

    /// <summary>Codes, names of data points and days are queued as such and said in the receiver's language, which is known only now.</summary>
    public Dictionary<string, string> InWords(string template, Receiver to, IReadOnlyDictionary<string, string> given, PurposeCatalog catalog)
    {
        var (_, frame, language) = Find(template, to, catalog.Organisation);
        return InWords(given, frame, language, catalog);
    }

    private static Dictionary<string, string> InWords(IReadOnlyDictionary<string, string> given, Wording frame, string language, PurposeCatalog catalog)
    {
        var values = new Dictionary<string, string>(given);
        foreach (var (name, value) in given)
        {
            values[name] = name switch
            {
                "right" or "outcome" when frame.Names.Contains($"{name}.{value}") => frame.Text($"{name}.{value}"),
                "dataPoint" when DataPointId.TryParse(value, null, out var id) && catalog.DataPoints.TryGetValue(id, out var point) => point.Label.In(language),
                "use" when PurposeId.TryParse(value, null, out var use) && catalog.Purposes.TryGetValue(use, out var asked) => asked.Label.In(language),
                "why" when PurposeId.TryParse(value, null, out var use) && catalog.Purposes.TryGetValue(use, out var asked) => asked.Why.In(language),
                "due" or "until" or "day" when DateOnly.TryParseExact(value, "yyyy-MM-dd", out var day) => day.ToString(frame.Text("date.day"), CultureInfo.GetCultureInfo(language)),
                "at" or "until" when DateTimeOffset.TryParseExact(value, "yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) =>
                    instant.ToString(frame.Text("date.time"), CultureInfo.GetCultureInfo(language)),
                "dates" => string.Join('\n', value.Split('\n').Select(l => DueDate(l, frame, language))),
                "findings" => string.Join('\n', value.Split('\n').Select(l => Finding(l, frame))),
                "what" or "problem" when frame.Names.Contains($"{name}.{value}") => frame.Text($"{name}.{value}"),
                _ => value,
            };
        }

        return values;
    }

    /// <summary>A line of <c>rule, who, amount, usual</c>, parted by tabs, as a sentence; any other line as it is.</summary>
    private static string Finding(string line, Wording frame) => line.Split('\t') is [var rule, var who, var amount, var usual] && frame.Names.Contains("finding." + rule)
        ? "- " + frame.Text("finding." + rule, ("who", who), ("amount", amount), ("usual", usual))
        : line;

    /// <summary>A line of <c>kind, name, day, address</c>, parted by tabs, as a sentence; any other line as it is.</summary>
    private static string DueDate(string line, Wording frame, string language) =>
        line.Split('\t') is [var kind, var name, var day, var link] && frame.Names.Contains("due." + kind) && DateOnly.TryParseExact(day, "yyyy-MM-dd", out var last)
            ? "- " + frame.Text("due." + kind, ("name", name), ("day", last.ToString(frame.Text("date.day"), CultureInfo.GetCultureInfo(language)))) + "\n  " + link
            : line;

    private (MessageText Text, Wording Frame, string Language) Find(string template, Receiver to, Organisation organisation) =>
        texts.Find(template, [.. to.Languages.Where(l => l is not null && organisation.Languages.Contains(l)), organisation.Languages[0]]);

    private IEnumerable<LetterFile> Files((ConsentRecord Record, PurposeCatalog? Catalog, Notice? Notice) change, Wording frame, DateTimeOffset now)
    {
        if (change is not { Catalog: { } catalog, Notice: { } notice })
        {
            yield break;
        }

        var receipt = receipts.Write(change.Record, catalog, notice, now);
        var name = $"{frame.Text("file.receipt")}-{change.Record.Version.ToString(CultureInfo.InvariantCulture)}";
        yield return new LetterFile(name + ".html", MediaTypeNames.Text.Html + "; charset=utf-8", Encoding.UTF8.GetBytes(receipt.Page.ToHtml()));
        yield return new LetterFile(name + ".jws", "application/jose", Encoding.ASCII.GetBytes(receipt.Jws));
    }

    private static string Change(ConsentRecord record, PurposeCatalog catalog, Wording frame, string language)
    {
        var label = catalog.Purposes.TryGetValue(record.Purpose!, out var purpose) ? purpose.Label.In(language) : record.Purpose!.Value;
        return frame.Text("change.when", ("change", frame.Text("change." + record.Event.Code(), ("purpose", label))), ("date", record.At.UtcDateTime.ToString(frame.Text("date.time"), CultureInfo.GetCultureInfo(language))));
    }

    private static string Standing(Choice choice, PurposeCatalog catalog, Wording frame, string language)
    {
        var label = catalog.Purposes[choice.Purpose].Label.In(language);
        return Micros.ToInstant(choice.ExpiresAtUs) is { } end
            ? frame.Text("choice.until", ("purpose", label), ("date", end.ToString(frame.Text("date.day"), CultureInfo.GetCultureInfo(language))))
            : frame.Text("choice.open", ("purpose", label));
    }

    private static IEnumerable<PurposeId> Named(IReadOnlyDictionary<string, string> given, string name) =>
        given.GetValueOrDefault(name, "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(PurposeId.Parse);

    private static string List(IEnumerable<string> items) => string.Join('\n', items.Select(i => "- " + i));
}
