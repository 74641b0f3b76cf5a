using System.Text.Json.Nodes;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>Rights requests by OpenDSR 2.0: another system files them for its own customers and is told how they stand.</summary>
public sealed class OpenDsr(Database database, AccessRegister access, PersonalVault vault, BlindIndex index, RightsRequests requests, OpenDsrSigner signer, Uri site, bool privateCallbacks)
{
    public const string Version = "2.0";

    /// <summary>Path of the certificate, for whoever checks a signature.</summary>
    public const string CertificatePath = "/opendsr/v2/certificate.pem";

    public OpenDsrSigner Signer => signer;

    /// <summary>A body to send, or why not. Both null: the token belongs to nobody.</summary>
    public readonly record struct Answer(byte[]? Body, CustomerChoices.Refusal? Refused);

    /// <summary>What can be asked for here.</summary>
    public Task<Answer> DiscoverAsync(CallerToken token, CancellationToken ct) => database.WriteAsync<Answer>(async tx =>
    {
        var (actor, refused) = await AdmitAsync(tx, token, RequestAct.List, ct);
        return actor is null ? new Answer(null, refused) : new Answer(Bytes(new JsonObject
        {
            ["api_version"] = Version,
            ["supported_identities"] = new JsonArray([.. OpenDsrRequest.Supported.Select(s => new JsonObject { ["identity_type"] = s.Type, ["identity_format"] = s.Format })]),
            ["supported_subject_request_types"] = new JsonArray([.. OpenDsrRequest.Types.Select(t => JsonValue.Create(t))]),
            ["processor_certificate"] = new Uri(site, CertificatePath).ToString(),
        }), null);
    }, ct);

    /// <summary>Takes a request in. The same is answered whether somebody is known by it or not.</summary>
    /// <param name="legacy">By the old name OpenGDPR.</param>
    public Task<Answer> SubmitAsync(CallerToken token, ReadOnlyMemory<byte> body, bool legacy, CancellationToken ct)
    {
        var asked = OpenDsrRequest.Parse(body, legacy, privateCallbacks);
        return database.WriteAsync<Answer>(async tx =>
        {
            var (actor, refused) = await AdmitAsync(tx, token, RequestAct.File, ct);
            if (actor is null)
            {
                return new Answer(null, refused);
            }

            if (await OpenDsrRows.FindAsync(tx, actor.Ref, asked.Id, ct) is not null)
            {
                throw new Fault(FaultKind.Invalid, "rights/open-dsr-duplicate", $"The request `{asked.Id}` was sent before.");
            }

            var key = await FindAsync(tx, asked, ct);
            var digest = key is null ? index.Of(asked.Identities[0].Lookup, asked.Identities[0].Value) : null;
            var file = await requests.FileInAsync(tx, actor, key, digest, new NewRequest(asked.Type), RequestChannel.OpenDsr, asked.Law, ct);
            await OpenDsrRows.InsertAsync(tx, new OpenDsrRows.DsrRow
            {
                KeyId = actor.Ref, SubjectRequestId = asked.Id, RequestId = file.Row.RequestId, Controller = actor.Service!, Regulation = asked.Law.Code(),
                Callbacks = string.Join('\n', asked.Callbacks), ReceivedAtUs = tx.NowUs,
            }, ct);
            return new Answer(Bytes(new JsonObject
            {
                ["controller_id"] = actor.Service, ["expected_completion_time"] = Due(file.Row.AsRequest()), ["received_time"] = Time(tx.Now),
                ["encoded_request"] = Convert.ToBase64String(body.Span), ["subject_request_id"] = asked.Id,
            }), null);
        }, ct);
    }

    /// <summary>How a request stands.</summary>
    public Task<Answer> StatusAsync(CallerToken token, string subjectRequestId, CancellationToken ct) => database.WriteAsync<Answer>(async tx =>
    {
        var (actor, refused) = await AdmitAsync(tx, token, RequestAct.Show, ct);
        if (actor is null)
        {
            return new Answer(null, refused);
        }

        var row = await GetAsync(tx, actor, subjectRequestId, ct);
        var request = (await RequestRows.FindAsync(tx, row.RequestId, ct) ?? throw RightsRequests.NoSuchRequest(subjectRequestId)).AsRequest();
        return new Answer(Bytes(Status(row, request, request.State.OpenDsr(), tx.Now)), null);
    }, ct);

    /// <summary>Takes a request back while it is pending.</summary>
    public async Task<Answer> CancelAsync(CallerToken token, string subjectRequestId, CancellationToken ct)
    {
        var (row, answer) = await database.WriteAsync<(OpenDsrRows.DsrRow?, Answer)>(async tx =>
        {
            var (actor, refused) = await AdmitAsync(tx, token, RequestAct.Withdraw, ct);
            return actor is null ? (null, new Answer(null, refused)) : (await GetAsync(tx, actor, subjectRequestId, ct), default);
        }, ct);
        if (row is null)
        {
            return answer;
        }

        var outcome = await requests.WithdrawAsync(token, row.RequestId, ct);
        return outcome.Request is not { } request ? new Answer(null, outcome.Refused) : new Answer(Bytes(new JsonObject
        {
            ["controller_id"] = row.Controller, ["subject_request_id"] = row.SubjectRequestId, ["received_time"] = Time(request.ClosedAt!.Value), ["api_version"] = Version,
        }), null);
    }

    /// <summary>The body of a status or, with its address, of a callback.</summary>
    internal JsonObject Status(OpenDsrRows.DsrRow row, RightsRequest request, string status, DateTimeOffset now, string? callback = null)
    {
        var body = new JsonObject
        {
            ["controller_id"] = row.Controller, ["expected_completion_time"] = Due(request), ["subject_request_id"] = row.SubjectRequestId, ["request_status"] = status,
            ["api_version"] = Version,
        };
        if (callback is not null)
        {
            body["status_callback_url"] = callback;
        }

        // The customer fetches the report here, signed in: whoever asked for it on their behalf is given the way to it, not the data.
        if (status == "completed" && request.ReadyUntil > now)
        {
            body["results_url"] = RequestFile.LinkTo(site, request.Id).ToString();
        }

        if (status == "completed" && request.State == RequestState.Refused)
        {
            body["extensions"] = new JsonObject { [signer.Domain] = new JsonObject { ["outcome"] = "refused", ["reason"] = request.Outcome } };
        }

        return body;
    }

    internal static byte[] Bytes(JsonObject body) => System.Text.Encoding.UTF8.GetBytes(body.ToJsonString());

    private static string Due(RightsRequest request) => Time(Deadlines.EndOf(request.Due).AddSeconds(-1));

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static async ValueTask<OpenDsrRows.DsrRow> GetAsync(Transaction tx, ActorState actor, string subjectRequestId, CancellationToken ct) =>
        await OpenDsrRows.FindAsync(tx, actor.Ref, subjectRequestId, ct) ?? throw RightsRequests.NoSuchRequest(subjectRequestId);

    private async ValueTask<(ActorState? Actor, CustomerChoices.Refusal? Refused)> AdmitAsync(Transaction tx, CallerToken token, RequestAct act, CancellationToken ct)
    {
        if (await access.FindActorAsync(tx, token, ct) is not { } actor)
        {
            return (null, null);
        }

        var no = actor.Kind == ActorKind.Service ? RequestRules.WhyNot(actor, act, null, tx.Now) : ReasonCode.RoleNotAllowed;
        return no is { } reason ? (null, await requests.DenyAsync(tx, actor, null, reason, act, ct)) : (actor, null);
    }

    /// <summary>The one customer that the identities name; null when they name nobody, or several.</summary>
    private async ValueTask<CustomerKey?> FindAsync(Transaction tx, OpenDsrRequest asked, CancellationToken ct)
    {
        var found = new HashSet<CustomerId>();
        foreach (var (lookup, value) in asked.Identities)
        {
            if (await vault.FindCustomerAsync(tx, lookup, value, ct) is { } key)
            {
                found.Add(key.Id);
            }
        }

        return found.Count == 1 ? await requests.LockAsync(tx, found.Single(), ct) : null;
    }
}
