using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Collection;

/// <summary>Training of made-up staff: real sheets, filled in and handed in some time ago.</summary>
public static class SampleTraining
{
    /// <summary>Takes every module that somebody's roles require.</summary>
    /// <param name="ago">How long before now the first was passed; the others followed day by day.</param>
    /// <param name="stumbles">The first module is failed once before.</param>
    public static async ValueTask TakeAsync(Transaction tx, Trainings trainings, string staffId, string role, TimeSpan ago, bool stumbles, CancellationToken ct)
    {
        var (now, actor, at) = (tx.Now, new ActorState { Kind = ActorKind.Staff, Ref = staffId }, tx.Now - ago);
        try
        {
            foreach (var module in await trainings.ForAsync(tx, new HashSet<string> { role }, ct))
            {
                if (stumbles)
                {
                    await TakeAsync(tx, trainings.Register, actor, module, at, isRight: false, ct);
                    (stumbles, at) = (false, at.AddMinutes(12));
                }

                await TakeAsync(tx, trainings.Register, actor, module, at, isRight: true, ct);
                at = at.AddDays(1);
            }
        }
        finally
        {
            tx.PretendNow(now);
        }
    }

    private static async ValueTask TakeAsync(Transaction tx, TrainingRegister register, ActorState actor, TrainingModule module, DateTimeOffset at, bool isRight, CancellationToken ct)
    {
        tx.PretendNow(at);
        var sheet = await register.BeginAsync(tx, actor.Ref, module, "en", ct);
        var questions = module.In("en").Questions;
        await register.HandInAsync(tx, actor, sheet, module, new SheetAnswers(
            [.. TrainingSheet.Order(sheet, questions).Select((q, i) => (IReadOnlyList<int>)[.. Enumerable.Range(0, q.Answers.Count).Where(a => questions[q.Question].Answers[q.Answers[a]].IsRight == (isRight || i % 2 == 0))])]), ct);
    }
}
