using Candor.Kernel;

namespace Candor.Catalog;

/// <summary>Compares who receives data. That data goes to another place outside concerns each purpose that gives it there.</summary>
internal static class RecipientDiff
{
    /// <param name="add">Path, description, wider (null: wording), purpose.</param>
    public static void Compare(PurposeCatalog from, PurposeCatalog to, Action<string, string, bool?, PurposeId?> add)
    {
        foreach (var name in from.Recipients.Keys.Union(to.Recipients.Keys).Where(n => !Equals(from.Recipients.GetValueOrDefault(n), to.Recipients.GetValueOrDefault(n))))
        {
            add($"recipients.{name}", to.Recipients.ContainsKey(name) ? $"what is known of the recipient `{name}` changes" : $"the recipient `{name}` is no longer described", null, null);
        }

        foreach (var purpose in to.Purposes.Values.Where(p => p.Active && from.Purposes.GetValueOrDefault(p.Id) is { Active: true }))
        {
            foreach (var name in purpose.Recipients)
            {
                var before = from.Purposes[purpose.Id].Recipients.Contains(name) ? OutsideOf(from, name) : null;
                var now = OutsideOf(to, name);
                if (before != now)
                {
                    add($"purposes.{purpose.Id}.recipients", now is null ? $"the recipient `{name}` no longer has data in {before}" : $"the recipient `{name}` has data in {now}", now is not null, purpose.Id);
                }
            }
        }
    }

    /// <summary>The country outside where a recipient has the data; null: it is not outside, or nobody says.</summary>
    public static string? OutsideOf(PurposeCatalog catalog, string name) =>
        catalog.Recipients.GetValueOrDefault(name) is { } recipient && Recipient.IsOutside(catalog.Organisation.Country, recipient.Country) ? recipient.Country : null;
}
