using Candor.Kernel;
using Candor.Storage;

namespace Candor.Trust;

/// <summary>A question that waits.</summary>
internal sealed record SurveyInvitation(string CustomerId, long AskedDay, string Channel);

/// <summary>The statements about who was asked.</summary>
internal static class SurveyRows
{
    private sealed record WalkRow(long Day, string AfterCustomer);

    public static long Day(Transaction tx) => DateOnly.FromDateTime(tx.Now.UtcDateTime).DayNumber;

    public static Task<long?> AskedDayAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        tx.FindAsync<long?>("SELECT asked_day FROM survey_asked WHERE customer_id = @Value", new { customer.Value }, ct);

    public static Task<SurveyInvitation?> FindAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        tx.FindAsync<SurveyInvitation>("SELECT customer_id, asked_day, channel FROM survey_invitation WHERE customer_id = @Value", new { customer.Value }, ct);

    public static Task<SurveyInvitation?> FindAsync(Transaction tx, string secret, CancellationToken ct) =>
        tx.FindAsync<SurveyInvitation>("SELECT customer_id, asked_day, channel FROM survey_invitation WHERE secret_hash = @Hash", new { Hash = RandomSecret.HashOf(secret) }, ct);

    /// <summary>Keeps that a customer is asked today.</summary>
    public static async ValueTask AskAsync(Transaction tx, CustomerId customer, SurveyChannel channel, string secret, CancellationToken ct)
    {
        var row = new { Customer = customer.Value, Day = Day(tx), Channel = SurveyRules.CodeOf(channel), Hash = RandomSecret.HashOf(secret) };
        await tx.RunAsync(
            "INSERT INTO survey_asked (customer_id, asked_day) VALUES (@Customer, @Day) ON CONFLICT (customer_id) DO UPDATE SET asked_day = excluded.asked_day", row, ct);
        await tx.RunAsync("DELETE FROM survey_invitation WHERE customer_id = @Customer", row, ct);
        await tx.RunAsync("INSERT INTO survey_invitation (customer_id, secret_hash, asked_day, channel) VALUES (@Customer, @Hash, @Day, @Channel)", row, ct);
        await CountAskedAsync(tx, DateOnly.FromDayNumber((int)row.Day), channel, 1, ct);
    }

    public static async ValueTask CountAskedAsync(Transaction tx, DateOnly day, SurveyChannel channel, long people, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO survey_asked_count (day, channel, people) VALUES (@Day, @Channel, @people)
        ON CONFLICT (day, channel) DO UPDATE SET people = survey_asked_count.people + excluded.people
        """, new { Day = (long)day.DayNumber, Channel = SurveyRules.CodeOf(channel), people }, ct);

    public static Task<long> CountMailsAsync(Transaction tx, long day, CancellationToken ct) => tx.FindAsync<long>(
        "SELECT people FROM survey_asked_count WHERE day = @day AND channel = @Channel", new { day, Channel = SurveyRules.CodeOf(SurveyChannel.Mail) }, ct);

    /// <summary>Ends what waits for a customer.</summary>
    /// <returns>False when nothing waited: it has been answered, put aside or stopped.</returns>
    public static async ValueTask<bool> EndAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM survey_invitation WHERE customer_id = @Value", new { customer.Value }, ct) > 0;

    /// <summary>Removes all that is known of a customer here.</summary>
    public static async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        await EndAsync(tx, customer, ct);
        await tx.RunAsync("DELETE FROM survey_asked WHERE customer_id = @Value", new { customer.Value }, ct);
    }

    /// <summary>Removes what nobody can answer any more, and what no longer keeps anybody from being asked.</summary>
    public static async ValueTask<int> PurgeAsync(Transaction tx, CancellationToken ct)
    {
        var day = Day(tx);
        var ended = await tx.RunAsync("DELETE FROM survey_invitation WHERE asked_day <= @Last", new { Last = day - SurveyRules.LifeDays }, ct);
        return ended + await tx.RunAsync("DELETE FROM survey_asked WHERE asked_day <= @Last", new { Last = day - SurveyRules.RestDays }, ct);
    }

    /// <summary>Where the mails of a day go on; null when they have not begun.</summary>
    public static async ValueTask<string?> WalkFromAsync(Transaction tx, long day, CancellationToken ct) =>
        await tx.FindAsync<WalkRow>("SELECT day, after_customer FROM survey_walk WHERE id = 1", null, ct) is { } row && row.Day == day ? row.AfterCustomer : null;

    public static async ValueTask KeepWalkAsync(Transaction tx, long day, string after, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO survey_walk (id, day, after_customer) VALUES (1, @day, @after)
        ON CONFLICT (id) DO UPDATE SET day = excluded.day, after_customer = excluded.after_customer
        """, new { day, after }, ct);
}
