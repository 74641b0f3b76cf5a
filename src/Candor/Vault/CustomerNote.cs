namespace Candor.Vault;

/// <summary>Small texts of ours about a customer, sealed under the customer's key but no data point of the catalog.</summary>
/// <remarks>The slash keeps their classes apart from the names of data points, which have none.</remarks>
internal static class CustomerNote
{
    /// <summary>The business's own id of the customer.</summary>
    public const string Reference = "reference";

    private const string Prefix = "note/";

    public static byte[] Seal(OpenKey key, string kind, string id, ReadOnlySpan<byte> note) => Sealing.Seal(key.Cipher(Prefix + kind), 1, Place(key, kind, id), note);

    public static ReadOnlyMemory<byte> Open(OpenKey key, string kind, string id, byte[] sealed_) => Sealing.Open(key.Cipher(Prefix + kind), Place(key, kind, id), sealed_);

    private static Sealing.Place Place(OpenKey key, string kind, string id) => new(key.Customer.Id.Value, id, Prefix + kind, 1);
}
