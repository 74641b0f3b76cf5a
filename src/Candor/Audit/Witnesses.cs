using System.Globalization;
using System.Net;
using System.Text;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>A witness that the operator has named.</summary>
/// <param name="Url">Below which <c>add-checkpoint</c> is.</param>
public sealed record WitnessAddress(Uri Url, NoteKey Key)
{
    /// <exception cref="Fault">Invalid <c>audit/bad-witness</c>, <c>audit/bad-key</c> or <c>audit/not-a-witness</c>.</exception>
    public static WitnessAddress Parse(string url, string key) =>
        Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.Query.Length == 0
            ? new WitnessAddress(uri, NoteKey.ParseWitness(key))
            : throw new Fault(FaultKind.Invalid, "audit/bad-witness", $"A witness is the address of a page, such as `http://nas.home:5090`; got `{Name.Shown(url)}`.");
}

/// <summary>How it stands with a witness.</summary>
/// <param name="Size">Of the checkpoint that it signed last; 0 for none.</param>
/// <param name="Problem"><c>witness-conflict</c>, <c>witness-refused</c> or <c>witness-silent</c>; null when all is well.</param>
/// <param name="Said">What it answered, in a few words.</param>
/// <param name="ProblemAt">Since when.</param>
/// <param name="AlarmedAt">When people were told about this problem.</param>
public sealed record WitnessState(string Name, long Size, DateTimeOffset? CosignedAt, string? Problem, string? Said, DateTimeOffset? ProblemAt, DateTimeOffset? AlarmedAt);

/// <summary>Shows each new checkpoint to the witnesses, and keeps what they sign (C2SP tlog-witness, the log's side).</summary>
public sealed class Witnesses(Database database, CheckpointSigner signer, IReadOnlyList<WitnessAddress> known) : IDisposable
{
    public const string Conflict = "witness-conflict";
    public const string Refused = "witness-refused";
    public const string Silent = "witness-silent";

    /// <summary>A witness is asked at most this often, by whichever node.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>A log that does not grow is shown again after this, so that its newest signature is never old.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromHours(1);

    private const int MaxAnswerBytes = 16 * 1024;

    /// <summary>The operator named the address, so a private network is as good as any; link-local addresses are not.</summary>
    private readonly HttpClient http = new(PublicAddress.Handler(a => PublicAddress.IsPublic(a) || PublicAddress.IsInner(a), TimeSpan.FromSeconds(10)))
    {
        Timeout = TimeSpan.FromSeconds(15), MaxResponseContentBufferSize = MaxAnswerBytes,
    };

    private sealed record Row(string Name, long Size, long? CosignedAtUs, long TriedAtUs, string? Problem, string? Said, long? ProblemAtUs, long? AlarmedAtUs);

    private sealed record Question(string Note, long Old, long Size, IReadOnlyList<byte[]> Proof);

    public IReadOnlyList<WitnessAddress> Known { get; } = known;

    /// <summary>Shows the newest checkpoint to every witness that is due.</summary>
    /// <returns>How many were asked.</returns>
    public async Task<int> AskAsync(CancellationToken ct)
    {
        var asked = 0;
        foreach (var witness in Known)
        {
            if (await database.WriteAsync(tx => ClaimAsync(tx, witness, ct), ct) is { } question)
            {
                await AskAsync(witness, question, ct);
                asked++;
            }
        }

        return asked;
    }

    /// <summary>How it stands with each witness that is named now.</summary>
    public async ValueTask<IReadOnlyList<WitnessState>> StateAsync(Transaction tx, CancellationToken ct)
    {
        var rows = (await RowsAsync(tx, ct)).ToDictionary(r => r.Name, StringComparer.Ordinal);
        return [.. Known.Select(w => rows.TryGetValue(w.Key.Name, out var r)
            ? new WitnessState(r.Name, r.Size, Micros.ToInstant(r.CosignedAtUs), r.Problem, r.Said, Micros.ToInstant(r.ProblemAtUs), Micros.ToInstant(r.AlarmedAtUs))
            : new WitnessState(w.Key.Name, 0, null, null, null, null, null))];
    }

    /// <summary>Remembers that people were told about a witness's problem.</summary>
    public static async ValueTask MarkAlarmedAsync(Transaction tx, string name, CancellationToken ct) =>
        await tx.RunAsync("UPDATE audit_witness SET alarmed_at_us = @NowUs WHERE log = @Log AND name = @name", new { tx.NowUs, AuditLog.Log, name }, ct);

    public void Dispose() => http.Dispose();

    private static async ValueTask<IReadOnlyList<Row>> RowsAsync(Transaction tx, CancellationToken ct) => await tx.QueryAsync<Row>(
        "SELECT name, size, cosigned_at_us, tried_at_us, problem, said, problem_at_us, alarmed_at_us FROM audit_witness WHERE log = @Log", new { AuditLog.Log }, ct);

    /// <summary>Takes the turn of one witness, and what to ask it; null when it is not due, or another node has the turn.</summary>
    private async ValueTask<Question?> ClaimAsync(Transaction tx, WitnessAddress witness, CancellationToken ct)
    {
        var name = witness.Key.Name;
        await tx.RunAsync("INSERT INTO audit_witness (log, name, size, tried_at_us) VALUES (@Log, @name, 0, 0) ON CONFLICT (log, name) DO NOTHING", new { AuditLog.Log, name }, ct);
        if (await tx.RunAsync("UPDATE audit_witness SET tried_at_us = @NowUs WHERE log = @Log AND name = @name AND tried_at_us <= @Due",
            new { tx.NowUs, AuditLog.Log, name, Due = Micros.From(tx.Now - Every) }, ct) == 0)
        {
            return null;
        }

        var row = (await RowsAsync(tx, ct)).Single(r => r.Name == name);
        var note = await signer.SignAsync(tx, ct);
        var size = SizeOf(note);
        return row.Problem is null && row.Size == size && Micros.ToInstant(row.CosignedAtUs) + Again > tx.Now ? null
            : new Question(note, Math.Min(row.Size, size), size, await LogTree.ConsistencyAsync(tx, Math.Min(row.Size, size), size, ct));
    }

    private async Task AskAsync(WitnessAddress witness, Question question, CancellationToken ct)
    {
        try
        {
            var (status, text) = await PostAsync(witness, question, ct);
            if (status == HttpStatusCode.Conflict && long.TryParse(text.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var there) && there != question.Old && there <= question.Size)
            {
                // It knows more than was kept here: an answer got lost. Go on from where it is.
                var proof = await database.ReadAsync(tx => LogTree.ConsistencyAsync(tx, there, question.Size, ct), ct);
                (status, text) = await PostAsync(witness, question with { Old = there, Proof = proof }, ct);
            }

            await (status switch
            {
                HttpStatusCode.OK => TakeAsync(witness, question, text, ct),
                HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity => TellAsync(witness, Conflict, $"{(int)status} {text}", ct),
                >= HttpStatusCode.InternalServerError => TellAsync(witness, Silent, $"{(int)status}", ct),
                _ => TellAsync(witness, Refused, $"{(int)status} {text}", ct),
            });
        }
        catch (Exception e) when ((e is HttpRequestException or IOException or OperationCanceledException) && !ct.IsCancellationRequested)
        {
            await TellAsync(witness, Silent, e is HttpRequestException { HttpRequestError: var error } ? error.ToString() : "no answer in time", ct);
        }
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(WitnessAddress witness, Question question, CancellationToken ct)
    {
        var body = string.Create(CultureInfo.InvariantCulture, $"old {question.Old}\n{string.Concat(question.Proof.Select(h => Convert.ToBase64String(h) + "\n"))}\n{question.Note}");
        using var content = new StringContent(body, Encoding.UTF8, "text/plain");
        using var answer = await http.PostAsync(new Uri(witness.Url, "add-checkpoint"), content, ct);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(ct));
    }

    private async Task TakeAsync(WitnessAddress witness, Question question, string lines, CancellationToken ct)
    {
        string line;
        try
        {
            SignedNote.Open(question.Note + lines, witness.Key);
            line = SignedNote.LineOf(question.Note + lines, witness.Key)!;
        }
        catch (Fault fault)
        {
            await TellAsync(witness, Refused, fault.Message, ct);
            return;
        }

        await database.WriteAsync(async tx =>
        {
            await CosignedNotes.AddAsync(tx, question.Size, question.Note, witness.Key, line, ct);
            await tx.RunAsync(
                """
                UPDATE audit_witness SET size = @Size, cosigned_at_us = @NowUs, problem = NULL, said = NULL, problem_at_us = NULL, alarmed_at_us = NULL
                WHERE log = @Log AND name = @Name AND size <= @Size
                """, new { question.Size, tx.NowUs, AuditLog.Log, witness.Key.Name }, ct);
        }, ct);
    }

    /// <summary>Keeps what went wrong; the same thing going wrong again is still the same problem.</summary>
    private Task TellAsync(WitnessAddress witness, string problem, string said, CancellationToken ct) => database.WriteAsync(async tx => await tx.RunAsync(
        """
        UPDATE audit_witness SET said = @Said, problem_at_us = CASE WHEN problem = @problem THEN problem_at_us ELSE @NowUs END,
            alarmed_at_us = CASE WHEN problem = @problem THEN alarmed_at_us ELSE NULL END, problem = @problem
        WHERE log = @Log AND name = @Name
        """, new { Said = Name.Shown(said.ReplaceLineEndings(" ").Trim()), problem, tx.NowUs, AuditLog.Log, witness.Key.Name }, ct), ct);

    private static long SizeOf(string note) => Checkpoint.Parse(note[..(note.LastIndexOf("\n\n", StringComparison.Ordinal) + 1)]).Size;
}
