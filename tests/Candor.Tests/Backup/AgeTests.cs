using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Candor.Backup;
using Candor.Kernel;
using Candor.Tests.House;
using CsCheck;

namespace Candor.Tests.Backup;

/// <summary>The age format: the published test kit, the tool itself, and files of every length.</summary>
public sealed class AgeTests
{
    // C2SP age, "The X25519 recipient type".
    private const string SpecIdentity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    private const string SpecRecipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    // Made with the tool age 1.1.1: echo 'sealed by age 1.1.1' | age -r SpecRecipient | base64 -w0
    private const string SealedByTheTool = "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA0dFB6bTV3U2dsckhrYXlLWGhJSVg2NmlLSmYrU2JaTVl6YnVVeTNZY3k0CmRwNDNWWEI3cDlqZklMYndwMTY2Z2ZMMmFEOFl3cWhMZ0V3Y3BPSEE4a28KLS0tIGkrR0pDZytkdm9TSUVjWHlPeW44a2VhZUFoekRpWEg0cnM0TjZFY1JFWUkKm5iEgh6VwqbL7n6tlclbPjJXtZlKNGGefykADCgTKaj1UCbXAAXyyaj32BU5BxMW/iuRdQ==";

    private static readonly BackupIdentity Mine = BackupIdentity.New();

    public static TheoryData<string, string> TestKit() =>
        [.. Repository.Read("tests/Candor.Tests/Backup/age-testkit.txt").Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ')).Select(p => (p[0], p[1]))];

    [Theory]
    [MemberData(nameof(TestKit))]
    public void Every_vector_of_the_test_kit_comes_out_as_it_should(string name, string file)
    {
        var bytes = Convert.FromBase64String(file);
        var split = bytes.AsSpan().IndexOf("\n\n"u8);
        var facts = Encoding.UTF8.GetString(bytes[..split]).Split('\n').Select(l => l.Split(": ", 2)).GroupBy(p => p[0]).ToDictionary(g => g.Key, g => g.First()[1]);
        var sealedFile = bytes[(split + 2)..];
        if (facts.ContainsKey("compressed"))
        {
            using var unpacked = new MemoryStream();
            using (var zlib = new ZLibStream(new MemoryStream(sealedFile), CompressionMode.Decompress))
            {
                zlib.CopyTo(unpacked);
            }

            sealedFile = unpacked.ToArray();
        }

        var identity = facts.TryGetValue("identity", out var text) ? BackupIdentity.Parse(text) : Mine;
        var opened = new MemoryStream();
        var fault = Record.Exception(() => Open(sealedFile, identity, opened)) as Fault;
        string?[] expected = facts["expect"] switch
        {
            "success" => [null],
            "no match" => ["backup/other-identity"],
            "HMAC failure" => ["backup/damaged"],
            "header failure" => ["backup/damaged", "backup/not-a-backup", "backup/cut-off"],
            _ => ["backup/damaged", "backup/cut-off"],
        };
        Assert.True(expected.Contains(fault?.What), $"{name}: {facts["expect"]}, got {fault?.What ?? "success"}");
        // Of a broken file the kit also says what may come out before the fault; here it may be less.
        if (fault is null && facts.TryGetValue("payload", out var digest))
        {
            Assert.Equal(digest, Convert.ToHexStringLower(SHA256.HashData(opened.ToArray())));
        }
    }

    [Fact]
    public void A_key_pair_is_the_one_of_the_specification() =>
        Assert.Equal(SpecRecipient, BackupIdentity.Parse(SpecIdentity).Recipient.ToString());

    [Fact]
    public void A_file_that_the_tool_age_has_sealed_opens()
    {
        var opened = new MemoryStream();
        Open(Convert.FromBase64String(SealedByTheTool), BackupIdentity.Parse(SpecIdentity), opened);
        Assert.Equal("sealed by age 1.1.1\n", Encoding.UTF8.GetString(opened.ToArray()));
    }

    [Fact]
    public void A_file_sealed_here_opens_with_the_tool_age_where_it_is_installed()
    {
        var tool = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(p => Path.Combine(p, "age")).FirstOrDefault(File.Exists);
        var text = new byte[3 * AgeWriter.ChunkBytes + 17];
        new Random(7).NextBytes(text);
        var sealedFile = Seal(text, Mine.Recipient);
        if (tool is null)
        {
            Assert.Equal(text, Reopen(sealedFile));
            return;
        }

        var folder = Directory.CreateTempSubdirectory("candor-age-");
        try
        {
            var (identity, file, plain) = (Path.Combine(folder.FullName, "identity.txt"), Path.Combine(folder.FullName, "sealed.age"), Path.Combine(folder.FullName, "plain"));
            Mine.Save(identity, TimeProvider.System.GetUtcNow());
            File.WriteAllBytes(file, sealedFile);
            using var age = Process.Start(tool, ["-d", "-i", identity, "-o", plain, file]);
            age.WaitForExit();
            Assert.Equal(0, age.ExitCode);
            Assert.Equal(text, File.ReadAllBytes(plain));
            Assert.Equal(Mine.Recipient, BackupIdentity.Load(identity).Recipient);
            Assert.Equal("backup/identity-exists", Assert.Throws<Fault>(() => BackupIdentity.New().Save(identity, TimeProvider.System.GetUtcNow())).What);
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(identity) == UnixFileMode.UserRead);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(AgeWriter.ChunkBytes - 1)]
    [InlineData(AgeWriter.ChunkBytes)]
    [InlineData(AgeWriter.ChunkBytes + 1)]
    [InlineData(2 * AgeWriter.ChunkBytes)]
    public void What_was_sealed_comes_back_and_a_file_cut_anywhere_does_not_open(int length)
    {
        var text = new byte[length];
        new Random(length).NextBytes(text);
        var sealedFile = Seal(text, Mine.Recipient);
        Assert.Equal(text, Reopen(sealedFile));
        Gen.Int[0, sealedFile.Length - 1].Sample(at => Assert.Throws<Fault>(() => Reopen(sealedFile[..at])).Kind == FaultKind.Invalid, iter: 40);
        Gen.Select(Gen.Int[0, sealedFile.Length - 1], Gen.Byte[1, 255]).Sample((at, flip) =>
        {
            var changed = sealedFile.ToArray();
            changed[at] ^= flip;
            return Assert.Throws<Fault>(() => Reopen(changed)) is { Kind: FaultKind.Invalid or FaultKind.Conflict };
        }, iter: 40);
        Assert.Equal("backup/other-identity", Assert.Throws<Fault>(() => Open(sealedFile, BackupIdentity.New(), new MemoryStream())).What);
    }

    [Theory]
    [InlineData("")]
    [InlineData("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwk")]
    [InlineData("age1ZVKYG2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")]
    [InlineData(SpecIdentity)]
    public void A_mistyped_recipient_is_refused(string text) => Assert.Equal("backup/bad-recipient", Assert.Throws<Fault>(() => BackupRecipient.Parse(text)).What);

    [Fact]
    public void A_mistyped_identity_is_refused_and_not_repeated()
    {
        var fault = Assert.Throws<Fault>(() => BackupIdentity.Parse(SpecIdentity[..^1] + "Y"));
        Assert.Equal("backup/bad-identity", fault.What);
        Assert.DoesNotContain("GFPYYSJZ", fault.Message, StringComparison.Ordinal);
    }

    private static byte[] Seal(byte[] text, BackupRecipient recipient)
    {
        using var file = new MemoryStream();
        using var writer = new AgeWriter(file, recipient);
        for (var at = 0; at < text.Length; at += 50_000)
        {
            writer.Write(text.AsSpan(at, Math.Min(50_000, text.Length - at)));
        }

        writer.Finish();
        return file.ToArray();
    }

    private static byte[] Reopen(byte[] file)
    {
        var opened = new MemoryStream();
        Open(file, Mine, opened);
        return opened.ToArray();
    }

    private static void Open(byte[] file, BackupIdentity identity, Stream opened)
    {
        using var reader = new AgeReader(new MemoryStream(file), identity);
        reader.CopyTo(opened);
    }
}
