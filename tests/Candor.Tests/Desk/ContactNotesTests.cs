using System.Text;
using Candor.Collection;
using Candor.Gate;
using Candor.Kernel;
using Candor.Tests.Storage;

namespace Candor.Tests.Desk;

public sealed class ContactNotesOnSqlite : ContactNotesTests<Sqlite>;

public sealed class ContactNotesOnPostgres : ContactNotesTests<Postgres>;

public abstract class ContactNotesTests<TEngine> : DeskTest<TEngine>
    where TEngine : IEngine, new()
{
    [Fact]
    public async Task A_note_is_a_record_of_the_customer_with_author_channel_and_case()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        var visit = await Desk.VisitAsync("c-1", Ct);
        Assert.True((await Desk.Notes.WriteAsync(Desk.Agent, visit, "She asked for an invoice.\r\nSent.", "phone", null, Ct)).Stored);
        var line = Assert.Single((await Desk.BriefAsync(visit, Ct)).Contacts);
        Assert.Equal("""{"text":"She asked for an invoice.\nSent.","channel":"phone","author":"Sam","answered":true,"case":"T-1"}""", Encoding.UTF8.GetString(line.Value.Json.Span));
        Assert.Equal("desk", line.Value.Source);
        Assert.Contains(await Desk.LogAsync(Ct), e => e is { Kind: Candor.Audit.AuditKind.Collect, Subject: "contact-note", Purpose: "support", CustomerRef: not null });
    }

    [Fact]
    public async Task A_note_that_answers_a_question_settles_it()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        await Desk.Shop.StoreAsync("c-1", "serviceContacts", "q", ["Where?"], q => new { question = q, answered = false }, Ct);
        var visit = await Desk.VisitAsync("c-1", Ct);
        var open = Assert.Single((await Desk.BriefAsync(visit, Ct)).Open);
        Assert.True((await Desk.Notes.WriteAsync(Desk.Agent, visit, "It comes tomorrow.", "chat", open.Value.RecordId, Ct)).Stored);
        Assert.Empty((await Desk.BriefAsync(visit, Ct)).Open);
    }

    [Theory]
    [InlineData("Paid with 4111 1111 1111 1111.", RiskyKind.Card, 11, 19)]
    [InlineData("SSN is 078-05-1120", RiskyKind.SocialSecurity, 8, 11)]
    [InlineData("Konto DE89 3704 0044 0532 0130 00", RiskyKind.BankAccount, 7, 27)]
    [InlineData("Steuernummer 36 574 261 809", RiskyKind.TaxNumber, 14, 14)]
    [InlineData("Her password is hunter2", RiskyKind.Password, 17, 7)]
    public async Task A_number_that_is_never_stored_is_named_by_its_place_and_stands_nowhere(string text, RiskyKind kind, int column, int length)
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        var visit = await Desk.VisitAsync("c-1", Ct);
        var entries = (await Desk.LogAsync(Ct)).Count;
        var outcome = await Desk.Notes.WriteAsync(Desk.Agent, visit, "First line.\n" + text, "phone", null, Ct);
        Assert.Equal((false, new RiskySpot(kind, 2, column, length)), (outcome.Stored, Assert.Single(outcome.Risky)));
        Assert.Empty((await Desk.BriefAsync(visit, Ct)).Contacts);
        Assert.Equal(entries + 2, (await Desk.LogAsync(Ct)).Count);
    }

    [Fact]
    public async Task Nothing_is_written_while_every_use_is_stopped_or_by_whoever_may_not_read()
    {
        var key = await Desk.AddCustomerAsync("c-1", Ct);
        var visit = await Desk.VisitAsync("c-1", Ct);
        var (_, other) = await Desk.AddStaffAsync("Other", "agent", Ct);
        Assert.Equal("desk/no-such-visit", (await Assert.ThrowsAsync<Fault>(() => Desk.Notes.WriteAsync(other, visit, "Hello.", "phone", null, Ct))).What);
        await Desk.RestrictAsync(key, Ct);
        Assert.Equal(ReasonCode.Restricted, (await Desk.Notes.WriteAsync(Desk.Agent, visit, "Hello.", "phone", null, Ct)).Refused);
        // An emergency opens data; it stores none.
        await Desk.Emergencies.DeclareAsync(Desk.Agent, visit, "The caller says that medicine is in the parcel.", Ct);
        Assert.Equal(ReasonCode.Restricted, (await Desk.Notes.WriteAsync(Desk.Agent, visit, "Hello.", "phone", null, Ct)).NotNeeded);
        Assert.Equal(ReasonCode.Restricted, (await Desk.Notes.ChangeChannelAsync(Desk.Agent, visit, "chat", Ct)).NotNeeded);
        await Db.WriteAsync(tx => Desk.House.Access.ChangeStaffAsync(tx, Desk.AgentId, ["marketing"], false, "test", Ct), Ct);
        Assert.Equal(ReasonCode.RoleNotAllowed, (await Desk.Notes.WriteAsync(Desk.Agent, visit, "Hello.", "phone", null, Ct)).Refused);
        Assert.Equal(0, await Desk.CountAsync("SELECT count(*) FROM sealed_record WHERE data_point = 'serviceContacts'", Ct));
    }

    [Fact]
    public async Task How_the_customer_likes_to_be_reached_is_changed_to_one_of_the_channels()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        var visit = await Desk.VisitAsync("c-1", Ct);
        Assert.Equal("desk/bad-channel", (await Assert.ThrowsAsync<Fault>(() => Desk.Notes.ChangeChannelAsync(Desk.Agent, visit, "pigeon", Ct))).What);
        Assert.True((await Desk.Notes.ChangeChannelAsync(Desk.Agent, visit, "chat", Ct)).Stored);
        Assert.Equal("\"chat\"", Encoding.UTF8.GetString((await Desk.BriefAsync(visit, Ct)).Find("Preference")!.Value.Json.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("a\0b")]
    public async Task An_empty_or_broken_note_is_refused(string text)
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        var visit = await Desk.VisitAsync("c-1", Ct);
        Assert.Equal("desk/bad-note", (await Assert.ThrowsAsync<Fault>(() => Desk.Notes.WriteAsync(Desk.Agent, visit, text, "phone", null, Ct))).What);
    }
}
