using Candor.Audit;
using Candor.Kernel;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Candor.Tests.Audit;

/// <summary>The witness as C2SP tlog-witness describes it, and the keys and signatures of C2SP tlog-cosignature. Vectors: transparency-dev/formats.</summary>
public sealed class WitnessTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-witness-");
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 6, 1, 9, 0, 0, TimeSpan.Zero));
    private readonly NoteSigner log = new("shop.example/audit", new byte[32]);

    private string File => Path.Combine(folder.FullName, "home.witness");

    public void Dispose()
    {
        folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void The_key_of_a_public_witness_is_read_and_written_as_published()
    {
        const string key = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
        Assert.Equal((key, true), (NoteKey.Parse(key).ToString(), NoteKey.Parse(key).IsWitness));
        Assert.Equal("audit/not-a-witness", Assert.Throws<Fault>(() => NoteKey.ParseWitness(log.Key.ToString())).What);
    }

    [Fact]
    public void The_time_of_a_published_cosignature_is_read()
    {
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1727964367),
            SignedNote.TimeOf("— w ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA=="));
        Assert.Null(SignedNote.TimeOf("— w eQjRQm6eSKzFoiYalgwCPXu2y3ijtg68is9M46JKxuZB+dRfTmeQeDBoXnvxZx2ugnkyV+MUMLXpWs1hPb/W/4xkNQY="));
    }

    // The message as the page of the format shows it, byte for byte.
    [Fact]
    public void What_a_witness_signs_is_the_published_message()
    {
        const string body = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        Assert.Equal("cosignature/v1\ntime 1679315147\n" + body, System.Text.Encoding.UTF8.GetString(Cosigner.Message(1679315147, System.Text.Encoding.UTF8.GetBytes(body))));
        var cosigner = Cosigner.New("witness.example.com/w1");
        var note = body + "\n" + cosigner.Sign(body, DateTimeOffset.FromUnixTimeSeconds(1679315147));
        Assert.Equal(body, SignedNote.Open(note, cosigner.Key));
        Assert.Equal(1679315147, SignedNote.TimeOf(SignedNote.LineOf(note, cosigner.Key)!)!.Value.ToUnixTimeSeconds());
        Assert.Throws<Fault>(() => SignedNote.Open(note.Replace("20852163", "20852164", StringComparison.Ordinal), cosigner.Key));
        Assert.Equal(cosigner.Key.ToString(), Cosigner.Parse(cosigner.ToSecret()).Key.ToString());
    }

    [Fact]
    public void A_witness_signs_a_log_that_grows_and_says_each_no_with_the_status_of_the_format()
    {
        var witness = Witness.Create(File, "home.example/witness", [log.Key.ToString()], clock);
        var first = Ask(witness, 0, 5);
        Assert.Equal(200, first.Status);
        Assert.Equal(Note(5).Text, SignedNote.Open(Note(5).Signed + first.Text, witness.Key));
        Assert.Equal((409, "5\n"), Of(Ask(witness, 0, 8)));
        Assert.Equal(200, Ask(witness, 5, 8).Status);
        Assert.Equal(200, Ask(witness, 8, 8).Status);
        Assert.Equal(400, Ask(witness, 9, 8).Status);
        Assert.Equal((409, "8\n"), Of(Ask(witness, 5, 7)));
        Assert.Equal((409, "8\n"), Of(witness.AddCheckpoint(Body(8, [], Note(8, seed: 2).Signed))));
        Assert.Equal(422, witness.AddCheckpoint(Body(8, [.. Tree(10).Proof(8, 10), new byte[32]], Note(10).Signed)).Status);
        Assert.Equal(422, witness.AddCheckpoint(Body(8, [], Note(10).Signed)).Status);
        Assert.Equal(422, Ask(witness, 8, 10, seed: 2).Status);
        var stranger = new NoteSigner("shop.example/audit", [.. Enumerable.Repeat((byte)7, 32)]);
        Assert.Equal(403, witness.AddCheckpoint(Body(8, Tree(10).Proof(8, 10), stranger.Sign(Note(10).Text))).Status);
        Assert.Equal(404, witness.AddCheckpoint(Body(8, [], new NoteSigner("other.example", new byte[32]).Sign(new Checkpoint("other.example", 9, new byte[32]).ToString()))).Status);
        Assert.Equal([("shop.example/audit", 8L)], witness.Logs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("old 0\n")]
    [InlineData("old 0\n\n")]
    [InlineData("old 00\n\nshop.example/audit\n")]
    [InlineData("old -1\n\nshop.example/audit\n")]
    [InlineData("old 99999999999999999999\n\nshop.example/audit\n")]
    [InlineData("new 0\n\nshop.example/audit\n")]
    [InlineData("old 0\nAAAA\n\nshop.example/audit\n")]
    public void Anything_that_is_no_request_is_400(string body) =>
        Assert.Equal(400, Witness.Create(File, "w", [log.Key.ToString()], clock).AddCheckpoint(body).Status);

    [Fact]
    public void More_than_63_hashes_are_400() => Assert.Equal(400,
        Witness.Create(File, "w", [log.Key.ToString()], clock).AddCheckpoint(Body(0, Enumerable.Repeat(new byte[32], 64), Note(5).Signed)).Status);

    [Fact]
    public void No_bytes_at_all_make_it_fail()
    {
        var witness = Witness.Create(File, "w", [log.Key.ToString()], clock);
        Gen.String.Sample(s => Assert.InRange(witness.AddCheckpoint("old 0\n\nshop.example/audit\n" + s).Status, 400, 422));
        Gen.String.Sample(s => Assert.InRange(witness.AddCheckpoint(s).Status, 400, 422));
    }

    // Two servers with one key: whoever comes second is refused, in whichever order, also after the witness was started anew.
    [Fact]
    public void Two_histories_under_one_key_are_never_both_signed() => Gen.Select(Gen.Int[1, 40], Gen.Int[0, 40], Gen.Bool).Sample((size, more, isReopened) =>
    {
        System.IO.File.Delete(File);
        var witness = Witness.Create(File, "w", [log.Key.ToString()], clock);
        Assert.Equal(200, Ask(witness, 0, size).Status);
        witness = isReopened ? Witness.Open(File, clock) : witness;
        Assert.Contains(Ask(witness, size, size + more, seed: 2).Status, (int[])[409, 422]);
        Assert.Equal(200, Ask(witness, size, size + more).Status);
    }, iter: 60, threads: 1);

    [Fact]
    public void What_it_has_seen_is_on_disk_before_it_answers_and_a_torn_write_leaves_the_old_file()
    {
        Ask(Witness.Create(File, "w", [log.Key.ToString()], clock), 0, 5);
        // A crash after the new file was begun and before it took the old one's place.
        System.IO.File.WriteAllText(File + ".new", "candor-witness v1\nkey PRIV");
        var again = Witness.Open(File, clock);
        Assert.Equal([("shop.example/audit", 5L)], again.Logs);
        // A crash after the new file was in its place and before the answer left: the log asks again, and is told the size.
        Ask(again, 5, 8);
        var later = Witness.Open(File, clock);
        Assert.Equal((409, "8\n"), Of(Ask(later, 5, 9)));
        Assert.Equal(200, Ask(later, 8, 9).Status);
    }

    [Fact]
    public void What_cannot_be_written_is_not_signed_and_not_remembered()
    {
        var witness = Witness.Create(File, "w", [log.Key.ToString()], clock);
        Directory.CreateDirectory(File + ".new");
        Assert.ThrowsAny<Exception>(() => Ask(witness, 0, 5));
        Directory.Delete(File + ".new");
        Assert.Equal(200, Ask(witness, 0, 6).Status);
    }

    [Fact]
    public async Task Of_requests_at_the_same_time_one_is_signed()
    {
        var witness = Witness.Create(File, "w", [log.Key.ToString()], clock);
        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => Task.Run(() => Ask(witness, 0, i))));
        Assert.Single(answers, a => a.Status == 200);
        Assert.Equal(19, answers.Count(a => a.Status == 409));
    }

    [Fact]
    public void A_key_is_not_written_over_and_the_file_is_its_owners_alone()
    {
        Witness.Create(File, "w", [], clock);
        Assert.Equal("audit/witness-exists", Assert.Throws<Fault>(() => Witness.Create(File, "w", [], clock)).What);
        Assert.Equal("audit/no-witness", Assert.Throws<Fault>(() => Witness.Open(File + "x", clock)).What);
        System.IO.File.AppendAllText(File, "nonsense\n");
        Assert.Contains("(3)", Assert.Throws<Fault>(() => Witness.Open(File, clock)).Message, StringComparison.Ordinal);
        Assert.True(OperatingSystem.IsWindows() || System.IO.File.GetUnixFileMode(File) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    private WitnessAnswer Ask(Witness witness, int old, int size, byte seed = 1) => witness.AddCheckpoint(Body(old, old == 0 ? [] : Tree(size, seed).Proof(old, size), Note(size, seed).Signed));

    private static (int, string) Of(WitnessAnswer answer) => (answer.Status, answer.Text);

    private static string Body(long old, IEnumerable<byte[]> proof, string note) => $"old {old}\n{string.Concat(proof.Select(h => Convert.ToBase64String(h) + "\n"))}\n{note}";

    private (string Text, string Signed) Note(int size, byte seed = 1)
    {
        var text = new Checkpoint("shop.example/audit", size, Tree(size, seed).Root(0, size)).ToString();
        return (text, log.Sign(text));
    }

    private static Leaves Tree(int size, byte seed = 1) => new([.. Enumerable.Range(0, size).Select(i => Merkle.LeafHash([(byte)i, seed]))]);

    /// <summary>A tree in memory, straight from the definition of RFC 9162.</summary>
    private sealed record Leaves(byte[][] Hashes)
    {
        public byte[] Root(long low, long high)
        {
            var range = new CompactRange();
            for (var i = low; i < high; i++)
            {
                range.Append(Hashes[i]);
            }

            return range.Root();
        }

        public IEnumerable<byte[]> Proof(long old, long size) => old > size ? [] : Merkle.ConsistencyRanges(old, size).Select(r => Root(r.Low, r.High));
    }
}
