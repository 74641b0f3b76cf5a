using Candor.Audit;

namespace Candor.Tests.Audit;

/// <summary>The tree against the vectors of transparency-dev/merkle (testonly/constants.go), and against itself for all small sizes.</summary>
public sealed class MerkleTests
{
    private const int MaxSize = 300;

    private static readonly byte[][] Published =
        [.. new[] { "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f" }.Select(h => Merkle.LeafHash(Convert.FromHexString(h)))];

    private static readonly byte[][] Leaves = [.. Enumerable.Range(0, MaxSize).Select(i => Merkle.LeafHash([(byte)(i & 255), (byte)(i >> 8)]))];

    [Theory]
    [InlineData("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")] // SHA-256 of the one byte 0x00
    public void Leaf_hash_matches_the_published_value(string entryHex, string expectedHex) =>
        Assert.Equal(expectedHex, Hex(Merkle.LeafHash(Convert.FromHexString(entryHex))));

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4")]
    [InlineData(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Root_matches_the_published_value(int size, string expectedHex) => Assert.Equal(expectedHex, Hex(Merkle.Root(Published[..size])));

    [Theory]
    [InlineData(5, 8, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    public void Inclusion_proof_matches_the_published_one(int index, int size, string expected) =>
        Assert.Equal(expected, string.Join(' ', Hashes(Published, Merkle.InclusionRanges(index, size)).Select(Hex)));

    [Theory]
    [InlineData(6, 8, "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 5, "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    [InlineData(4, 8, "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    public void Consistency_proof_matches_the_published_one(int oldSize, int newSize, string expected) =>
        Assert.Equal(expected, string.Join(' ', Hashes(Published, Merkle.ConsistencyRanges(oldSize, newSize)).Select(Hex)));

    [Fact]
    public void Every_proof_of_every_small_tree_verifies()
    {
        var roots = Enumerable.Range(0, MaxSize + 1).Select(n => Merkle.Root(Leaves[..n])).ToArray();
        var memo = new Dictionary<(long, long), byte[]>();
        for (var n = 1; n <= MaxSize; n++)
        {
            for (var m = 0; m <= n; m++)
            {
                Assert.True(m == n || Merkle.VerifyInclusion(Leaves[m], m, n, Hashes(Leaves, Merkle.InclusionRanges(m, n), memo), roots[n]), $"inclusion {m} {n}");
                Assert.True(Merkle.VerifyConsistency(m, roots[m], n, roots[n], Hashes(Leaves, Merkle.ConsistencyRanges(m, n), memo)), $"consistency {m} {n}");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(211)]
    [InlineData(300)]
    public void A_flipped_bit_anywhere_breaks_an_inclusion_proof(int size)
    {
        var random = new Random(size);
        var root = Merkle.Root(Leaves[..size]);
        for (var index = 0; index < size; index += 1 + size / 20)
        {
            var proof = Hashes(Leaves, Merkle.InclusionRanges(index, size));
            Assert.False(Merkle.VerifyInclusion(Flipped(Leaves[index], random), index, size, proof, root));
            Assert.False(Merkle.VerifyInclusion(Leaves[index], index, size, proof, Flipped(root, random)));
            for (var bit = 0; bit < 12; bit++)
            {
                Assert.False(Merkle.VerifyInclusion(Leaves[index], index ^ (1 << bit), size, proof, root), $"index {index} {bit}");
            }

            for (var i = 0; i < proof.Count; i++)
            {
                var wrong = proof.ToList();
                wrong[i] = Flipped(proof[i], random);
                Assert.False(Merkle.VerifyInclusion(Leaves[index], index, size, wrong, root));
                wrong.RemoveAt(i);
                Assert.False(Merkle.VerifyInclusion(Leaves[index], index, size, wrong, root));
            }

            Assert.False(Merkle.VerifyInclusion(Leaves[index], index, size, [.. proof, Leaves[0]], root));
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_breaks_a_consistency_proof()
    {
        var random = new Random(7);
        foreach (var (old, now) in new[] { (1, 2), (2, 5), (4, 8), (6, 8), (100, 300), (128, 300), (255, 256), (299, 300) })
        {
            var (oldRoot, newRoot) = (Merkle.Root(Leaves[..old]), Merkle.Root(Leaves[..now]));
            var proof = Hashes(Leaves, Merkle.ConsistencyRanges(old, now));
            Assert.True(Merkle.VerifyConsistency(old, oldRoot, now, newRoot, proof));
            Assert.False(Merkle.VerifyConsistency(old, Flipped(oldRoot, random), now, newRoot, proof));
            Assert.False(Merkle.VerifyConsistency(old, oldRoot, now, Flipped(newRoot, random), proof));
            Assert.False(Merkle.VerifyConsistency(old, oldRoot, now, newRoot, [.. proof, Leaves[0]]));
            for (var i = 0; i < proof.Count; i++)
            {
                var wrong = proof.ToList();
                wrong[i] = Flipped(proof[i], random);
                Assert.False(Merkle.VerifyConsistency(old, oldRoot, now, newRoot, wrong));
            }
        }
    }

    private static byte[] Flipped(byte[] hash, Random random)
    {
        var copy = hash.ToArray();
        copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8));
        return copy;
    }

    private static List<byte[]> Hashes(byte[][] leaves, IReadOnlyList<(long Low, long High)> ranges, Dictionary<(long, long), byte[]>? memo = null) =>
        [.. ranges.Select(r => memo is null ? Merkle.Root(leaves[(int)r.Low..(int)r.High])
            : memo.TryGetValue(r, out var known) ? known : memo[r] = Merkle.Root(leaves[(int)r.Low..(int)r.High]))];

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
