using System.Security.Cryptography;
using System.Text.Json;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Messages;

/// <summary>Who a mail to staff is for.</summary>
public sealed record StaffReceiver
{
    private StaffReceiver(string? staffId, string? role, string? address) => (StaffId, RoleName, Address) = (staffId, role, address);

    internal string? StaffId { get; }

    internal string? RoleName { get; }

    internal string? Address { get; }

    /// <summary>One person, at the address that they have when it is sent; with roles only while they have one of them.</summary>
    public static StaffReceiver Person(string staffId, params IReadOnlyList<string> roles) => new(staffId, roles.Count > 0 ? string.Join(' ', roles) : null, null);

    /// <summary>Everybody who has one of the roles now and still has one when it is sent; one mail for each person.</summary>
    public static StaffReceiver Role(params IReadOnlyList<string> roles) => new(null, string.Join(' ', roles), null);

    /// <summary>One person at an address that is theirs no longer: to tell them that it was changed.</summary>
    public static StaffReceiver Former(string staffId, string address) => new(staffId, null, address);
}

/// <summary>A text file that goes with a mail to staff.</summary>
/// <param name="Name">Such as <c>checkpoint.txt</c>.</param>
public sealed record StaffFile(string Name, string Text);

/// <summary>Mail to members of staff, queued in the transaction of what it tells about: either both are kept or none.</summary>
/// <remarks>INVARIANT: no personal data of customers is in it. It says what happened and links to the page that shows it to whoever may see it.</remarks>
public sealed class StaffMail(PersonalVault vault)
{
    /// <summary>Class of the sealed values.</summary>
    internal const string NoteKind = "staff-mail";

    /// <summary>What a mail is written from, sealed until it is sent.</summary>
    internal sealed record Content(IReadOnlyDictionary<string, string> Facts, string? Address, StaffFile? File);

    /// <summary>Queues a mail for one person, or for everybody with a role.</summary>
    /// <param name="textName">A template of <see cref="TemplateBlanks"/> that is for staff.</param>
    /// <param name="facts">What fills its blanks. Days as <c>2026-06-30</c> and instants as <c>2026-06-30T14:05Z</c> are said in the language of the mail.</param>
    /// <param name="notBefore">Earliest instant of sending; null: at once.</param>
    /// <returns>How many mails wait now; 0 when nobody of that description is active.</returns>
    public async ValueTask<int> QueueAsync(
        Transaction tx, StaffReceiver to, string textName, IReadOnlyDictionary<string, string> facts, CancellationToken ct, DateTimeOffset? notBefore = null, StaffFile? file = null)
    {
        if (!TemplateBlanks.IsForStaff(textName) || facts.Keys.FirstOrDefault(k => !TemplateBlanks.Of(textName).Contains(k)) is not null)
        {
            throw new ArgumentException($"`{textName}` is no template for staff with the blanks {string.Join(", ", facts.Keys)}; see TemplateBlanks.");
        }

        var roles = to.RoleName?.Split(' ');
        IReadOnlyList<string> receivers = to.StaffId is null
            ? [.. (await StaffDirectory.WithRoleAsync(tx, roles!, ct)).Select(s => s.StaffId)]
            : await StaffDirectory.FindAsync(tx, to.StaffId, ct) is { } person && (roles is null || person.HasAnyRole(roles)) ? [person.StaffId] : [];
        var content = JsonSerializer.SerializeToUtf8Bytes(new Content(facts, to.Address, file));
        foreach (var staffId in receivers)
        {
            var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
            await tx.RunAsync(
                """
                INSERT INTO staff_mail (message_id, staff_id, role, template, sealed, state, not_before_us, attempts, created_at_us, changed_at_us)
                VALUES (@id, @staffId, @RoleName, @textName, @Sealed, 'queued', @NotBefore, 0, @NowUs, @NowUs)
                """,
                new { id, staffId, to.RoleName, textName, Sealed = vault.Partings.Seal(NoteKind, id, content), NotBefore = Micros.From(notBefore ?? tx.Now), tx.NowUs }, ct);
        }

        return receivers.Count;
    }

    /// <summary>How many mails to staff stand how.</summary>
    public static async ValueTask<IReadOnlyList<OutboxCount>> CountsAsync(Transaction tx, CancellationToken ct) =>
        [.. (await tx.QueryAsync<(string State, long Mails)>("SELECT state, count(*) FROM staff_mail GROUP BY state", null, ct)).Select(c => new OutboxCount(c.State, c.Mails))];
}
