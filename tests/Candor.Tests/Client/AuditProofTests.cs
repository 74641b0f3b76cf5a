using Candor.Audit;
using Candor.Client;

namespace Candor.Tests.Client;

/// <summary>The client's checker against the RFC's vectors and against what the server's own code makes; the two share no code.</summary>
public sealed class AuditProofTests
{
    private static readonly NoteSigner Signer = new("shop.example/audit/2026", [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    private static readonly byte[][] Entries = [.. Enumerable.Range(0, 130).Select(i => new[] { (byte)i, (byte)7 })];
    private static readonly byte[][] Leaves = [.. Entries.Select(e => Merkle.LeafHash(e))];

    // RFC 8032 section 7.1, tests 1 to 3 and SHA(abc).
    [Theory]
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    [InlineData("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f", "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704")]
    public void A_signature_of_RFC_8032_verifies_and_no_changed_one_does(string key, string message, string signature)
    {
        var (k, m, s) = (Convert.FromHexString(key), Convert.FromHexString(message), Convert.FromHexString(signature));
        Assert.True(Ed25519.Verify(k, m, s));
        Assert.False(Ed25519.Verify(k, [.. m, 0], s));
        for (var i = 0; i < s.Length; i += 9)
        {
            s[i] ^= 1;
            Assert.False(Ed25519.Verify(k, m, s));
            s[i] ^= 1;
        }

        Assert.False(Ed25519.Verify([.. k[..31]], m, s));
    }

    [Fact]
    public void An_order_added_to_a_signature_is_refused()
    {
        // RFC 8032 section 8.4: S must be below the order, or a signature has a twin.
        var note = Signer.Sign("x\n");
        var signature = Convert.FromBase64String(note.TrimEnd('\n').Split(' ')[^1])[4..];
        var order = System.Numerics.BigInteger.Pow(2, 252) + System.Numerics.BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
        var twin = (new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true) + order).ToByteArray(isUnsigned: true);
        Assert.True(Ed25519.Verify(Signer.Key.PublicKey, "x\n"u8, signature));
        Assert.False(Ed25519.Verify(Signer.Key.PublicKey, "x\n"u8, [.. signature[..32], .. twin, .. new byte[32 - twin.Length]]));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 130)]
    [InlineData(129, 130)]
    [InlineData(77, 128)]
    [InlineData(4, 7)]
    public void A_proof_that_the_server_makes_verifies_and_one_for_another_entry_does_not(int index, int size)
    {
        var proof = Proof(index, size);
        var checkpoint = AuditProof.Verify(proof, Entries[index], Signer.Key.ToString());
        Assert.Equal((size, "shop.example/audit/2026"), (checkpoint.Size, checkpoint.Origin));
        var other = new NoteSigner("shop.example/audit/2026", new byte[32]).Key.ToString();
        Assert.Throws<AuditProofException>(() => AuditProof.Verify(proof, [1], Signer.Key.ToString()));
        Assert.Throws<AuditProofException>(() => AuditProof.Verify(proof, Entries[index], other));
        Assert.Throws<AuditProofException>(() => AuditProof.Verify(proof.Replace($"index {index}\n", $"index {index + 1}\n", StringComparison.Ordinal), Entries[index], Signer.Key.ToString()));
        Assert.Throws<AuditProofException>(() => AuditProof.Verify(proof[..^20], Entries[index], Signer.Key.ToString()));
        Assert.Throws<AuditProofException>(() => AuditProof.Verify("", Entries[index], Signer.Key.ToString()));
    }

    [Fact]
    public void A_log_that_only_grew_is_consistent_and_a_rewritten_one_is_not()
    {
        for (var now = 1; now <= 130; now += 3)
        {
            for (var old = 0; old <= now; old++)
            {
                var (older, newer) = (At(old), At(now));
                var proof = Merkle.ConsistencyRanges(old, now).Select(r => Merkle.Root(Leaves[(int)r.Low..(int)r.High])).ToList();
                Assert.True(AuditProof.IsConsistent(older, newer, proof), $"{old} {now}");
                Assert.False(AuditProof.IsConsistent(older with { Root = new byte[32] }, newer, proof));
                Assert.False(AuditProof.IsConsistent(older, newer, [.. proof, new byte[32]]));
                Assert.False(proof.Count > 0 && AuditProof.IsConsistent(older, newer, proof[..^1]));
            }
        }
    }

    private static LogCheckpoint At(int size) => new("log", size, Merkle.Root(Leaves[..size]));

    private static string Proof(int index, int size) => new LogProof(
        index, [.. Merkle.InclusionRanges(index, size).Select(r => Merkle.Root(Leaves[(int)r.Low..(int)r.High]))],
        Signer.Sign(new Checkpoint(Signer.Key.Name, size, Merkle.Root(Leaves[..size])).ToString())).ToString();
}
