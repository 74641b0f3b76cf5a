using System.Globalization;
using Candor.Catalog;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Messages;

/// <summary>Reminds members of staff of training that ends, has ended or is missing.</summary>
public sealed class TrainingMail(Database database, Trainings trainings, CatalogRegister catalogs, StaffMail mail, Uri site)
{
    private const string Before = "training-reminder";
    private const string After = "training-lapsed";

    /// <summary>Queues what is due now.</summary>
    /// <returns>How many mails.</returns>
    public Task<int> QueueDueAsync(CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var due = await TrainingReminderRows.TakeDueAsync(tx, ct);
        if (due.Count == 0)
        {
            return 0;
        }

        // Mail to staff is in the first language of the catalog.
        var language = (await catalogs.GetActiveAsync(tx, ct)).Catalog.Organisation.Languages[0];
        var titles = (await trainings.AllAsync(tx, ct)).ToDictionary(m => m.Id, m => m.In(language).Title);
        var queued = 0;
        foreach (var reminder in due)
        {
            queued += await mail.QueueAsync(tx, StaffReceiver.Person(reminder.StaffId), reminder.Until > tx.Now ? Before : After, Facts(reminder, titles, tx.Now), ct);
        }

        return queued;
    }, ct);

    private Dictionary<string, string> Facts(TrainingReminder reminder, Dictionary<string, string> titles, DateTimeOffset now)
    {
        var facts = new Dictionary<string, string>
        {
            ["modules"] = string.Join('\n', reminder.Modules.Select(m => "- " + titles.GetValueOrDefault(m, m))),
            ["link"] = new Uri(site, "staff/training").AbsoluteUri,
        };
        if (reminder.Until is { } until && until > now)
        {
            facts["until"] = until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);
        }

        return facts;
    }
}
