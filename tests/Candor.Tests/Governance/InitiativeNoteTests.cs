using System.Diagnostics;
using Candor.Audit;
using Candor.Governance;
using Candor.Kernel;
using Candor.Tests.Crash;
using Candor.Tests.Reads;
using Candor.Tests.Storage;

namespace Candor.Tests.Governance;

public sealed class InitiativeNoteOnSqlite : InitiativeNoteTests<Sqlite>;

public sealed class InitiativeNoteOnPostgres : InitiativeNoteTests<Postgres>;

/// <summary>The signed list of what was approved, and the command that a pipeline checks a changed catalog with.</summary>
public abstract class InitiativeNoteTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private readonly NoteSigner signer = new("shop.example/audit", new byte[32]);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-note-");
    private GovernanceHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        // The command goes by the real clock; approvals must count on both.
        Clock.SetUtcNow(TimeProvider.System.GetUtcNow());
        house = await GovernanceHouse.BuildAsync(Db, Ct);
        await house.SeatAsync(2, Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        folder.Delete(recursive: true);
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_changed_catalog_passes_the_pipeline_only_with_the_initiative_that_approved_exactly_that()
    {
        var rejected = await DecideAsync(ReadHouse.Yaml(widened: true), "nnnnn");
        var id = await DecideAsync(GovernanceHouse.WithGreetings(), "yyyyy");
        var note = await NoteAsync();
        Assert.DoesNotContain(rejected, note, StringComparison.Ordinal);
        Assert.DoesNotContain("Birthday", note, StringComparison.Ordinal);
        await WriteAsync(("approved.note", note), ("old.yaml", ReadHouse.Yaml(widened: false)), ("new.yaml", GovernanceHouse.WithGreetings(why: "So that we can greet you.")), ("more.yaml", GovernanceHouse.WithGreetings(services: "shop, mailer")));
        Assert.Equal(1, (await DiffAsync("old.yaml", "new.yaml")).Code);
        var (code, said) = await DiffAsync("old.yaml", "new.yaml", "--initiative", id, "--approved", At("approved.note"), "--key", signer.Key.ToString());
        Assert.True(code == 0, said);
        Assert.Contains($"All that is wider is covered by {id}.", said, StringComparison.Ordinal);
        (code, said) = await DiffAsync("old.yaml", "more.yaml", "--initiative", id, "--approved", At("approved.note"), "--key", signer.Key.ToString());
        Assert.Equal(1, code);
        Assert.Contains("not covered: purposes.greetings", said, StringComparison.Ordinal);
        (code, said) = await DiffAsync("old.yaml", "new.yaml", "--initiative", rejected, "--approved", At("approved.note"), "--key", signer.Key.ToString());
        Assert.Equal(1, code);
        Assert.Contains($"no approval `{rejected}`", said, StringComparison.Ordinal);
        (code, said) = await DiffAsync("old.yaml", "new.yaml", "--initiative", id);
        Assert.Equal(1, code);
        Assert.Contains("--approved", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_was_changed_or_signed_by_somebody_else_or_is_past_its_review_is_refused()
    {
        var id = await DecideAsync(GovernanceHouse.WithGreetings(), "yyyyy");
        var note = await NoteAsync();
        var wanted = InitiativeNote.Open(note, signer.Key);
        Assert.Equal(note[..note.IndexOf("\n\n", StringComparison.Ordinal)] + "\n", wanted.ToString());
        Assert.Throws<Fault>(() => InitiativeNote.Open(note.Replace(id, new string('0', id.Length), StringComparison.Ordinal), signer.Key));
        Assert.Throws<Fault>(() => InitiativeNote.Open(note, new NoteSigner("shop.example/audit", [.. Enumerable.Repeat((byte)1, 32)]).Key));
        var checkpoint = signer.Sign(new Checkpoint("shop.example/audit", 1, new byte[32]).ToString());
        Assert.Equal("governance/bad-list", Assert.Throws<Fault>(() => InitiativeNote.Open(checkpoint, signer.Key)).What);
        Assert.Throws<Fault>(() => Checkpoint.Parse(wanted.ToString()));
        Assert.Equal("governance/not-in-list", Assert.Throws<Fault>(() => wanted.Missing([id], [], wanted.Parts[0].ReviewOn)).What);
        Assert.Empty(wanted.Missing([id], [], wanted.Parts[0].ReviewOn.AddDays(-1)));
        Clock.Advance(TimeSpan.FromDays(31));
        Assert.Empty(InitiativeNote.Open(await NoteAsync(), signer.Key).Parts);
    }

    private Task<string> NoteAsync() => Db.ReadAsync(tx => InitiativeNote.SignAsync(tx, house.House.Catalogs, signer, Ct), Ct);

    private async Task<string> DecideAsync(string text, string votes)
    {
        var id = await house.OpenAsync(GovernanceHouse.Form(null, text), Ct);
        await house.VoteAsync(id, votes, Ct);
        await house.DecideAsync(id, "", 30, Ct);
        return id;
    }

    private string At(string name) => Path.Combine(folder.FullName, name);

    private async Task WriteAsync(params (string Name, string Text)[] files)
    {
        foreach (var (name, text) in files)
        {
            await File.WriteAllTextAsync(At(name), text, Ct);
        }
    }

    private async Task<(int Code, string Said)> DiffAsync(string from, string to, params string[] more)
    {
        using var process = Process.Start(new ProcessStartInfo(ServerProcess.Program, ["catalog", "diff", At(from), At(to), .. more]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, error) = (await process.StandardOutput.ReadToEndAsync(Ct), await process.StandardError.ReadToEndAsync(Ct));
        await process.WaitForExitAsync(Ct);
        return (process.ExitCode, said + error);
    }
}
