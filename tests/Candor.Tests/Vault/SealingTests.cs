using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;
using Candor.Vault;
using CsCheck;

namespace Candor.Tests.Vault;

public sealed class SealingTests
{
    private static readonly Sealing.Place Place = new("c1", "r1", "email", 3);
    private static readonly byte[] Key = [.. Enumerable.Range(0, Sealing.KeyBytes).Select(i => (byte)i)];

    [Theory] // C2SP XAES-256-GCM, test vectors
    [InlineData(1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271")]
    [InlineData(3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d")]
    public void Xaes_seals_as_the_published_vectors_do(byte keyByte, string context, string expected)
    {
        var plain = "XAES-256-GCM"u8.ToArray();
        var (cipher, tag) = (new byte[plain.Length], new byte[XaesKey.TagBytes]);
        using var key = new XaesKey([.. Enumerable.Repeat(keyByte, XaesKey.KeyBytes)]);
        key.Encrypt("ABCDEFGHIJKLMNOPQRSTUVWX"u8, plain, cipher, tag, Encoding.ASCII.GetBytes(context));
        Assert.Equal(expected, Convert.ToHexStringLower([.. cipher, .. tag]));
    }

    [Fact] // RFC 5649, section 6
    public void The_framework_wraps_keys_as_the_published_vector_does()
    {
        using var aes = Aes.Create();
        aes.SetKey(Convert.FromHexString("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8"));
        Assert.Equal("138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
            Convert.ToHexStringLower(aes.EncryptKeyWrapPadded(Convert.FromHexString("c37b7e6492584340bed12207808941155068f738"))));
    }

    [Fact]
    public void What_was_sealed_opens_in_its_place() => Gen.Byte.Array[0, 3000].Sample(plain => Open(Place, Seal(plain)).AsSpan().SequenceEqual(plain));

    [Fact]
    public void Any_single_bit_flipped_is_noticed()
    {
        var sealed_ = Seal("private"u8.ToArray());
        for (var bit = 0; bit < sealed_.Length * 8; bit++)
        {
            var damaged = (byte[])sealed_.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal("vault/damaged", Assert.Throws<Fault>(() => Open(Place, damaged)).What);
        }
    }

    [Fact]
    public void A_sealed_value_fits_no_other_place()
    {
        var sealed_ = Seal("private"u8.ToArray());
        foreach (var other in new[] { Place with { Customer = "c2" }, Place with { Record = "r2" }, Place with { DataPoint = "phone" }, Place with { RecordVersion = 2 }, Place with { Customer = "c1r", Record = "1" } })
        {
            Assert.Equal("vault/damaged", Assert.Throws<Fault>(() => Open(other, sealed_)).What);
        }
    }

    [Fact]
    public void Short_answers_cannot_be_told_apart_by_their_length() =>
        Assert.Equal(Seal("\"yes\""u8.ToArray()).Length, Seal("\"rather not\""u8.ToArray()).Length);

    [Fact]
    public void The_same_value_sealed_twice_looks_different() => Assert.NotEqual(Seal("private"u8.ToArray()), Seal("private"u8.ToArray()));

    [Fact]
    public void Bytes_of_any_kind_are_refused_and_nothing_else_happens() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        try
        {
            Open(Place, bytes);
            return false;
        }
        catch (Fault fault)
        {
            return fault.What == "vault/damaged";
        }
    });

    private static byte[] Seal(byte[] plain)
    {
        using var key = new AesGcm(Key, 16);
        return Sealing.Seal(key, 1, Place, plain);
    }

    private static byte[] Open(Sealing.Place place, byte[] sealed_)
    {
        using var key = new AesGcm(Key, 16);
        return Sealing.Open(key, place, sealed_).ToArray();
    }
}
