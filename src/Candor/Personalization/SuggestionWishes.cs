using System.Security.Cryptography;
using System.Text.Json;
using Candor.Gate;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Personalization;

/// <summary>What a customer can say about an item.</summary>
public enum WishKind
{
    /// <summary>Do not suggest it to me.</summary>
    Dismiss,
    /// <summary>Do not use that I viewed or bought it.</summary>
    Hide,
}

/// <summary>What a customer said about one item.</summary>
public sealed record SuggestionWish(string Id, WishKind Kind, string Item);

/// <summary>Customers' wishes, sealed: an item's name can tell as much as a purchase.</summary>
internal sealed class SuggestionWishes(PersonalVault vault)
{
    /// <summary>Most wishes of one customer.</summary>
    public const int MaxCount = 500;

    private const string NoteKind = "suggestion-wish";

    /// <summary>A wish as it is stored.</summary>
    internal sealed record Row(string WishId, byte[] Sealed);

    private sealed record Note(WishKind Kind, string Item);

    public async ValueTask<IReadOnlyList<Row>> LoadAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        var rows = new List<Row>();
        await using var row = await tx.Prepared("SELECT wish_id, sealed FROM suggestion_wish WHERE customer_id = @customer ORDER BY created_at_us, wish_id")
            .Set("@customer", customer.Value).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            rows.Add(new Row(row.GetString(0), (byte[])row.GetValue(1)));
        }

        return rows;
    }

    /// <summary>Which customers of a stretch of ids have any wishes, so that a walk asks for few.</summary>
    /// <param name="to">Inclusive, as is <paramref name="from"/>.</param>
    public async ValueTask<IReadOnlySet<string>> WhoHasAsync(Transaction tx, CustomerId from, CustomerId to, CancellationToken ct) => (await tx.QueryAsync<string>(
        "SELECT DISTINCT customer_id FROM suggestion_wish WHERE customer_id >= @From AND customer_id <= @To", new { From = from.Value, To = to.Value }, ct)).ToHashSet(StringComparer.Ordinal);

    /// <summary>Opens wishes with the permit of a read, once that is committed.</summary>
    public IReadOnlyList<SuggestionWish> Open(Permit permit, SealedCustomer sealed_, IReadOnlyList<Row> rows) =>
        [.. rows.Zip(vault.OpenNotes(permit, sealed_, NoteKind, rows.Select(r => (r.WishId, r.Sealed))), (row, note) => Read(row.WishId, note))];

    public async ValueTask AddAsync(Transaction tx, CustomerKey customer, WishKind kind, string item, CancellationToken ct)
    {
        if (await tx.FindAsync<long>("SELECT count(*) FROM suggestion_wish WHERE customer_id = @Value", new { customer.Id.Value }, ct) >= MaxCount)
        {
            throw new Fault(FaultKind.Conflict, "personalization/too-many-wishes", $"At most {MaxCount} items can be dismissed or hidden; take some back, or switch the purpose off.");
        }

        var id = RandomNumberGenerator.GetHexString(16, lowercase: true);
        var note = vault.SealNote(customer, NoteKind, id, JsonSerializer.SerializeToUtf8Bytes(new Note(kind, item)));
        await tx.RunAsync(
            "INSERT INTO suggestion_wish (customer_id, wish_id, sealed, created_at_us) VALUES (@Customer, @id, @note, @NowUs)",
            new { Customer = customer.Id.Value, id, note, tx.NowUs }, ct);
    }

    /// <summary>Takes a wish back; false when there is none of this id.</summary>
    public async ValueTask<bool> RemoveAsync(Transaction tx, CustomerId customer, string id, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM suggestion_wish WHERE customer_id = @Customer AND wish_id = @id", new { Customer = customer.Value, id }, ct) > 0;

    public async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        await tx.RunAsync("DELETE FROM suggestion_wish WHERE customer_id = @Value", new { customer.Value }, ct);
        await tx.RunAsync("DELETE FROM suggestion_change WHERE who = @Value", new { customer.Value }, ct);
    }

    private static SuggestionWish Read(string id, ReadOnlyMemory<byte> note) =>
        JsonSerializer.Deserialize<Note>(note.Span) is var (kind, item) ? new SuggestionWish(id, kind, item) : throw new InvalidOperationException("A wish is never empty.");
}
