using Candor.Kernel;
using Candor.Personalization;
using Candor.Rights;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Hosting;

/// <summary>Work that nobody asks for: places in the log's tree (PostgreSQL, at most a second later), consents whose time is over, sign-ins that came to nothing,
/// messages and webhooks that are due, and reminders.</summary>
internal sealed partial class Housekeeping(CandorHost host, SignInWays signIn, ILogger<Housekeeping> logger) : ScheduledWork(logger)
{
    /// <summary>Customers who are looked at in one run for what they could be written to about: 600 a minute.</summary>
    private const int NoticeBatch = 50;

    private static readonly TimeSpan SequenceEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan KeepUpEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ExpireEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SendEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RemindEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan NoticeEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CountEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PurgeEvery = TimeSpan.FromHours(6);
    private static readonly TimeSpan EraseEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DecideEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RemoveEvery = TimeSpan.FromDays(1);
    private static readonly TimeSpan CallEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BackUpEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AskedEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromMinutes(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        host.Database.IsClustered ? RepeatAsync(SequenceEvery, () => host.Log.SequenceAsync(Batch, stoppingToken), stoppingToken) : Task.CompletedTask,
        RepeatAsync(ExpireEvery, () => host.Choices.ExpireDueAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(KeepUpEvery, () => KeepUpAsync(stoppingToken), stoppingToken),
        RepeatAsync(ForgetEvery, () => ForgetAsync(stoppingToken), stoppingToken),
        RepeatAsync(ForgetEvery, () => RetainAsync(stoppingToken), stoppingToken),
        RepeatAsync(RemoveEvery, () => host.Suggestions.CleanAsync(stoppingToken), stoppingToken),
        RepeatAsync(DecideEvery, () => host.Eyes.RunDueAsync(host.Database, stoppingToken), stoppingToken),
        RepeatAsync(EraseEvery, () => host.Fulfilment.RunDueAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(RemoveEvery, () => host.Fulfilment.RemoveOldAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(RemoveEvery, () => host.Database.WriteAsync(tx => SessionRegister.CleanAsync(tx, tx.Now - SessionRegister.EndedKept, stoppingToken), stoppingToken), stoppingToken),
        host.Callbacks is { } callbacks ? RepeatAsync(CallEvery, () => callbacks.DeliverAsync(Batch, stoppingToken), stoppingToken) : Task.CompletedTask,
        RepeatAsync(ExpireEvery, () => signIn.CleanAsync(stoppingToken), stoppingToken),
        RepeatAsync(ExpireEvery, () => host.Database.WriteAsync(async tx => await StaffSteps.CleanAsync(tx, stoppingToken) + await SignInThrottle.CleanAsync(tx, stoppingToken), stoppingToken), stoppingToken),
        RepeatAsync(SendEvery, () => SendAsync(stoppingToken), stoppingToken),
        RepeatAsync(SendEvery, () => host.Mail.StaffSender.SendDueAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(SendEvery, () => host.Mail.WebhookSender.SendDueAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(RemindEvery, () => host.Mail.Reminders.WalkAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(RemindEvery, () => host.Mail.Reminders.RunDueAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(AskedEvery, () => BackupRequests.RunAsync(host, stoppingToken), stoppingToken),
        RepeatAsync(BackUpEvery, () => BackUpAsync(stoppingToken), stoppingToken),
        RepeatAsync(RemindEvery, () => TrainAsync(stoppingToken), stoppingToken),
        RepeatAsync(RemindEvery, () => host.Proactive.WalkAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(NoticeEvery, () => host.Proactive.RunDueAsync(NoticeBatch, stoppingToken), stoppingToken),
        RepeatAsync(RemindEvery, () => host.Surveys.MailDueAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(PurgeEvery, () => host.Surveys.PurgeAsync(stoppingToken), stoppingToken),
        RepeatAsync(PurgeEvery, () => host.Proactive.PurgeAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(CountEvery, () => host.Suggestions.Outcomes.FlushAsync(stoppingToken), stoppingToken),
        RepeatAsync(CountEvery, () => host.TrustCounts.FlushAsync(stoppingToken), stoppingToken),
        RepeatAsync(RemindEvery, () => CloseDaysAsync(stoppingToken), stoppingToken),
        RepeatAsync(CountEvery, async () => { await host.Suggestions.Uses.FlushAsync(stoppingToken); return 0; }, stoppingToken),
        RepeatAsync(PurgeEvery, () => host.Mail.Sender.PurgeAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(PurgeEvery, () => host.Mail.StaffSender.PurgeAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(PurgeEvery, () => host.Mail.WebhookSender.PurgeAsync(Batch, stoppingToken), stoppingToken),
        GovernAsync(stoppingToken));

    /// <summary>What looks after the rest: use, stock, values, equal service, the checklist, audits, days that come near and incidents.</summary>
    private Task GovernAsync(CancellationToken stop) => Task.WhenAll(
        RepeatAsync(CountEvery, () => host.Uses.StepAsync(Batch, stop), stop),
        RepeatAsync(PurgeEvery, () => host.Stock.CountDueAsync(stop), stop),
        RepeatAsync(RemindEvery, () => host.InternalAudits.DrawDueAsync(stop), stop),
        RepeatAsync(RemindEvery, () => host.DueDates.MailDueAsync(stop), stop),
        RepeatAsync(PurgeEvery, () => host.ChecklistBook.KeepDueAsync(stop), stop),
        RepeatAsync(PurgeEvery, async () => { await host.ValueCheck.RunDueAsync(stop); return 0; }, stop),
        RepeatAsync(DecideEvery, () => host.Incidents.RemindDueAsync(stop), stop),
        RepeatAsync(DecideEvery, async () => { await host.ValueCleaning.RunDueAsync(stop); return 0; }, stop),
        RepeatAsync(RemindEvery, () => host.Fairness.RunDueAsync(stop), stop));

    /// <summary>The counts of the last minute are kept as well.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await host.Suggestions.Outcomes.FlushAsync(cancellationToken);
        await host.TrustCounts.FlushAsync(cancellationToken);
        await host.Suggestions.Uses.FlushAsync(cancellationToken);
    }

    /// <summary>The models: made at start, then kept up with time, choices and other nodes.</summary>
    private async Task<int> KeepUpAsync(CancellationToken ct)
    {
        if (!host.Suggestions.IsLoaded)
        {
            await host.Suggestions.LoadAsync(new Progress<ModelProgress>(p => LogLoading(logger, p.Customers, p.All)), ct);
        }

        await host.Suggestions.KeepUpAsync(ct);
        return 0;
    }

    private async Task<int> SendAsync(CancellationToken stop)
    {
        try
        {
            host.Mail.Texts.Refresh();
        }
        catch (Fault fault)
        {
            LogBadText(logger, fault.Message);
        }

        await host.Mail.Farewells.SendDueAsync(stop);
        return await host.Mail.Sender.SendDueAsync(Batch, stop);
    }

    /// <summary>Changed modules count, reminders are queued, and answers that were kept for a day are forgotten.</summary>
    private async Task<int> TrainAsync(CancellationToken ct)
    {
        var trainings = host.Trainings;
        try
        {
            trainings.Library.Refresh();
        }
        catch (Fault fault)
        {
            LogBadText(logger, fault.Message);
        }

        await host.Database.WriteAsync(async tx =>
        {
            await trainings.CountAsync(tx, "system:training", ct);
            return await trainings.Register.CleanAsync(tx, ct);
        }, ct);
        await host.TrainingMail.QueueDueAsync(ct);
        return 0;
    }

    /// <summary>What the law no longer makes us keep, erased customers whose last backup is gone, and deleted bytes that are still in the files.</summary>
    private async Task<int> ForgetAsync(CancellationToken ct)
    {
        await host.Erasure.FinishAsync(ct);
        await host.Database.WriteAsync(tx => ErasureLedger.ForgetAsync(tx, ct), ct);
        return await host.HeldData.RemoveDueAsync(Batch, ct);
    }

    /// <summary>What is older than its retention, once a day.</summary>
    private async Task<int> RetainAsync(CancellationToken ct)
    {
        if (await host.Retention.RunDueAsync(ct) is { } run)
        {
            LogRetained(logger, run.Failed > 0 ? LogLevel.Error : LogLevel.Information, run.Removed, run.Failed);
        }

        return 0;
    }

    /// <summary>Days that are over are counted, and who asked for it is told of the figures.</summary>
    private async Task<int> CloseDaysAsync(CancellationToken ct)
    {
        await host.TrustDays.CloseDueAsync(ct);
        await host.TrustDigest.MailDueAsync(ct);
        return 0;
    }

    /// <summary>The ledger beside the backups, and a backup when one is due. Its failure is in the log, and the doctor tells it.</summary>
    private async Task<int> BackUpAsync(CancellationToken ct)
    {
        await host.Backups.RunDueAsync(ct);
        return 0;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A changed text is not used: {Mistake}")]
    private static partial void LogBadText(ILogger logger, string mistake);

    [LoggerMessage(Message = "Retention: {Values} values removed; of {Customers} customers nothing could be, because something of theirs cannot be opened.")]
    private static partial void LogRetained(ILogger logger, LogLevel level, long values, long customers);

    [LoggerMessage(Level = LogLevel.Information, Message = "Suggestions: {Customers} of {All} customers loaded.")]
    private static partial void LogLoading(ILogger logger, long customers, long all);
}
