using Candor.Audit;
using Candor.Kernel;

namespace Candor.Tests.Audit;

/// <summary>Notes, keys, checkpoints, paths and proofs as texts. Vectors: golang.org/x/mod/sumdb/note, C2SP, transparency-dev/tessera.</summary>
public sealed class SignedNoteTests
{
    private const string NeumannKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string NeumannText = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    private const string NeumannLine = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    private const string ExampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    private const string ExampleNote = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    private static readonly NoteSigner Neumann = new("PeterNeumann", Convert.FromHexString("810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173"));

    [Fact]
    public void A_signed_note_matches_the_published_one_byte_for_byte()
    {
        Assert.Equal(NeumannKey, Neumann.Key.ToString());
        Assert.Equal(NeumannText + "\n" + NeumannLine, Neumann.Sign(NeumannText));
        Assert.Equal(NeumannText, SignedNote.Open(NeumannText + "\n" + NeumannLine, NoteKey.Parse(NeumannKey)));
        Assert.Equal("This is an example message.\n", SignedNote.Open(ExampleNote, NoteKey.Parse(ExampleKey)));
    }

    [Fact]
    public void A_signature_of_an_unknown_key_is_ignored_and_a_second_one_of_a_known_key_too()
    {
        var note = NeumannText + "\n" + NeumannLine + "— stranger AAAAAAAA\n" + NeumannLine;
        Assert.Equal(NeumannText, SignedNote.Open(note, NoteKey.Parse(NeumannKey)));
    }

    // note_test.go: what Open refuses.
    [Theory]
    [InlineData("")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n" + NeumannLine)] // no empty line
    [InlineData(NeumannText + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=")] // no newline at the end
    [InlineData(NeumannText + "\n- PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n")] // hyphen for dash
    [InlineData(NeumannText + "\n—  PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n")] // two blanks
    [InlineData(NeumannText + "\n— PeterNeumann x08go/ZJkuBS9UG\n")] // signature too short
    [InlineData(NeumannText + "\n— PeterNeumann x08go//JkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n")] // wrong signature
    [InlineData(NeumannText + "\n— stranger AAAAAAAA\n")] // nobody known
    [InlineData("\u0001" + NeumannText + "\n" + NeumannLine)] // control character
    [InlineData("x" + NeumannText + "\n" + NeumannLine)] // another text
    public void A_bad_note_is_refused(string note) => Assert.Throws<Fault>(() => SignedNote.Open(note, NoteKey.Parse(NeumannKey)));

    [Theory]
    [InlineData("PeterNeumann")]
    [InlineData("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")] // another id
    [InlineData("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10Q=")] // a byte short
    [InlineData("PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")] // unknown algorithm
    [InlineData("PeterNeumann+00c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    public void A_bad_key_is_refused(string key) => Assert.Throws<Fault>(() => NoteKey.Parse(key));

    [Fact]
    public void A_checkpoint_matches_the_golden_one()
    {
        // C2SP tlog-checkpoint: the root is the leaf hash of "hello world".
        const string text = "go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n";
        Assert.Equal(text, new Checkpoint("go.sum database tree", 123456789012, Merkle.LeafHash("hello world"u8)).ToString());
        Assert.Equal(text, Checkpoint.Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("o\n1\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=")]
    [InlineData("o\n01\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n")]
    [InlineData("o\n-1\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n")]
    [InlineData("o\n1\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40Hmuw\n")]
    [InlineData("\n1\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n")]
    [InlineData("o\n99999999999999999999\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n")]
    public void A_bad_checkpoint_is_refused(string text) => Assert.Throws<Fault>(() => Checkpoint.Parse(text));

    [Theory]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 1000, 256, "tile/0/x001/000")]
    [InlineData(0, 1234067, 256, "tile/0/x001/x234/067")]
    [InlineData(15, 455667, 256, "tile/15/x455/667")]
    [InlineData(15, 123456789, 41, "tile/15/x123/x456/789.p/41")]
    [InlineData(-1, 123456789, 256, "tile/entries/x123/x456/789")]
    [InlineData(-1, 0, 255, "tile/entries/000.p/255")]
    [InlineData(-1, 1, 1, "tile/entries/001.p/1")]
    public void A_tile_has_one_path(int level, long index, int width, string path)
    {
        Assert.Equal(path, new TilePath(level, index, width).ToString());
        Assert.Equal(new TilePath(level, index, width), TilePath.Parse(path));
    }

    [Theory]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/001/001")]
    [InlineData("tile/64/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/00/000")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/999")]
    public void Another_spelling_is_not_found(string path) => Assert.Equal(FaultKind.NotFound, Assert.Throws<Fault>(() => TilePath.Parse(path)).Kind);

    [Theory]
    [InlineData(0, 272, 256)]
    [InlineData(0, 273, 112)]
    [InlineData(0, 274, 0)]
    [InlineData(1, 0, 256)]
    [InlineData(1, 1, 17)]
    [InlineData(2, 0, 1)]
    [InlineData(3, 0, 0)]
    public void Tiles_of_70000_entries_have_the_published_widths(int level, long index, int width) => Assert.Equal(width, TilePath.WidthAt(level, index, 70_000));

    [Fact]
    public void A_proof_is_the_text_that_C2SP_gives()
    {
        Assert.Equal("c2sp.org/tlog-proof@v1\nindex 0\n\ncheckpoint\n", new LogProof(0, [], "checkpoint\n").ToString());
        var read = LogProof.Parse("c2sp.org/tlog-proof@v1\nextra AAAA\nindex 5\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n\ncheckpoint\n");
        Assert.Equal((5, 1, "checkpoint\n"), (read.Index, read.Hashes.Count, read.Checkpoint));
        Assert.Throws<Fault>(() => LogProof.Parse("c2sp.org/tlog-proof@v1\nindex 5\nAAAA\n\ncheckpoint\n"));
    }
}
