using System.Net.Http.Headers;
using System.Text;
using Candor.Audit;
using Candor.Messages;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Checkpoint = Candor.Audit.Checkpoint;

namespace Candor.Tests.Server;

public sealed class WitnessOverHttpOnSqlite : WitnessOverHttpTests<Sqlite>;

public sealed class WitnessOverHttpOnPostgres : WitnessOverHttpTests<Postgres>;

/// <summary>A log and its witness, each a server of its own.</summary>
public abstract class WitnessOverHttpTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("candor-witness-");
    private readonly List<Witnesses> made = [];
    private WebApplication site = null!;
    private Witness witness = null!;

    private string File => Path.Combine(home.FullName, "home.witness");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        witness = Witness.Create(File, "home.example/witness", [Host.Checkpoints.Key.ToString()], TimeProvider.System);
        await StartAsync(witness);
    }

    public override async ValueTask DisposeAsync()
    {
        made.ForEach(w => w.Dispose());
        await site.DisposeAsync();
        await base.DisposeAsync();
        home.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_a_witness_signs_is_in_the_checkpoint_and_in_proofs_from_then_on()
    {
        await AddCustomerAsync("c-0001");
        await SequenceAsync();
        Assert.Equal(1, await Post().AskAsync(Ct));
        Assert.Equal(0, await Post().AskAsync(Ct)); // at most once a minute
        var state = Assert.Single(await StateAsync(Post()));
        Assert.Equal((null, true), (state.Problem, state.Size > 0));
        var note = (await GetAsync("/v1/log/checkpoint", "")).Text;
        var size = Checkpoint.Parse(SignedNote.Open(note, Host.Checkpoints.Key, witness.Key)).Size;
        Assert.NotNull(SignedNote.LineOf(note, witness.Key));
        Assert.InRange(SignedNote.TimeOf(SignedNote.LineOf(note, witness.Key)!)!.Value, DateTimeOffset.UnixEpoch.AddYears(50), TimeProvider.System.GetUtcNow().AddMinutes(1));
        var proof = LogProof.Parse((await GetAsync("/v1/log/proof/0", "")).Text);
        Assert.NotNull(SignedNote.LineOf(proof.Checkpoint, witness.Key));
        var entry = (await Host.Database.ReadAsync(tx => Host.Log.FindEntryAsync(tx, 0, Ct), Ct))!;
        Assert.Equal(size, proof.Verify(entry, Host.Checkpoints.Key).Size);
        Assert.Equal(size, Candor.Client.AuditProof.Verify(proof.ToString(), entry, Host.Checkpoints.Key.ToString()).Size);
    }

    // The answer is lost after the witness has kept the checkpoint: the log asks again from what the witness says it has.
    [Fact]
    public async Task A_lost_answer_is_made_up_for()
    {
        await SequenceAsync();
        var early = await Host.Database.WriteAsync(tx => Host.Checkpoints.SignAsync(tx, Ct), Ct);
        Assert.Equal(200, witness.AddCheckpoint("old 0\n\n" + early).Status);
        await AddCustomerAsync("c-0001");
        await SequenceAsync();
        Assert.Equal(1, await Post().AskAsync(Ct));
        Assert.Null(Assert.Single(await StateAsync(Post())).Problem);
    }

    // The same key signs another history: the witness refuses it, and people are told at once.
    [Fact]
    public async Task Another_history_is_refused_by_the_witness_and_raises_the_alarm()
    {
        await AddCustomerAsync("c-0001");
        await SequenceAsync();
        var forged = new Checkpoint(Host.Log.Origin, 1, new byte[32]);
        Assert.Equal(200, witness.AddCheckpoint("old 0\n\n" + new NoteSigner(Host.Log.Origin, Host.Keys.Secret(Candor.Vault.KeyRing.LogSigning)).Sign(forged.ToString())).Status);
        await Post().AskAsync(Ct);
        var state = Assert.Single(await StateAsync(Post()));
        Assert.Equal((Witnesses.Conflict, 0L), (state.Problem, state.Size));
        Assert.StartsWith("422", state.Said, StringComparison.Ordinal);
        var mail = new Candor.Governance.LogPost(Host.Database, Host.Checkpoints, Post(), Host.StaffMail, new Uri("http://shop.example"));
        Assert.Equal(1, await mail.MailAlarmsAsync(Ct));
        Assert.Equal(0, await mail.MailAlarmsAsync(Ct));
        Assert.Null(SignedNote.LineOf((await GetAsync("/v1/log/checkpoint", "")).Text, witness.Key));
    }

    [Fact]
    public async Task A_witness_that_does_not_know_the_log_or_is_silent_is_told_as_such()
    {
        await SequenceAsync();
        var stranger = Witness.Create(File + "2", "other.example/witness", [], TimeProvider.System);
        await site.DisposeAsync();
        await StartAsync(stranger);
        var post = Post(stranger);
        await post.AskAsync(Ct);
        Assert.Equal(Witnesses.Refused, Assert.Single(await StateAsync(post)).Problem);
        var silent = Post(url: "http://127.0.0.1:9/");
        await silent.AskAsync(Ct);
        Assert.Equal(Witnesses.Silent, Assert.Single(await StateAsync(silent)).Problem);
    }

    [Fact]
    public async Task The_door_of_a_witness_answers_as_the_format_says()
    {
        await SequenceAsync();
        using var http = new HttpClient { BaseAddress = new Uri(site.Urls.First()) };
        Assert.Equal(witness.Key + "\n", await http.GetStringAsync(new Uri("/key", UriKind.Relative), Ct));
        var note = await Host.Database.WriteAsync(tx => Host.Checkpoints.SignAsync(tx, Ct), Ct);
        Assert.Equal((200, "text/plain"), await PostAsync(http, "old 0\n\n" + note));
        Assert.Equal((409, "text/x.tlog.size"), await PostAsync(http, "old 0\n\n" + note));
        Assert.Equal((400, "text/plain"), await PostAsync(http, "nonsense"));
        Assert.Equal(413, (await PostAsync(http, new string('x', 20_000))).Item1);
        using var bad = new ByteArrayContent([0x6f, 0x6c, 0x64, 0xff]);
        using var answer = await http.PostAsync(new Uri("/add-checkpoint", UriKind.Relative), bad, Ct);
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Equal(405, (int)(await http.GetAsync(new Uri("/add-checkpoint", UriKind.Relative), Ct)).StatusCode);
    }

    private async Task StartAsync(Witness which)
    {
        site = WitnessSite.Build(which, "http://127.0.0.1:0");
        await site.StartAsync(Ct);
    }

    private Witnesses Post(Witness? which = null, string? url = null)
    {
        made.Add(new Witnesses(Host.Database, Host.Checkpoints, [new WitnessAddress(new Uri(url ?? site.Urls.First()), (which ?? witness).Key)]));
        return made[^1];
    }

    private Task<IReadOnlyList<WitnessState>> StateAsync(Witnesses post) => Host.Database.ReadAsync(tx => post.StateAsync(tx, Ct), Ct);

    private async Task SequenceAsync()
    {
        while (Host.Database.IsClustered && await Host.Log.SequenceAsync(500, Ct) > 0)
        {
        }
    }

    private static async Task<(int, string?)> PostAsync(HttpClient http, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("text/plain"));
        using var answer = await http.PostAsync(new Uri("/add-checkpoint", UriKind.Relative), content, Ct);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType);
    }
}
