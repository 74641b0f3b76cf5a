namespace Candor.Storage;

/// <summary>One waiting unit of work of the SQLite writer.</summary>
internal abstract class Work
{
    /// <summary>Its only write is its last act, so it needs no savepoint.</summary>
    public virtual bool WritesLast => false;

    public abstract bool SkipIfCancelled();

    public abstract void Run(Transaction tx);

    public abstract void Fail(Exception e);

    public abstract void Undo();

    public abstract void Complete();

    /// <summary>INVARIANT: work on the writer's thread finishes without waiting; else one caller could stop all others.</summary>
    public static void Finish(ValueTask task)
    {
        if (!task.IsCompleted)
        {
            throw Waited();
        }

        task.GetAwaiter().GetResult();
    }

    protected static InvalidOperationException Waited() => new("Work on the writer's thread awaited something other than its own transaction.");
}

internal sealed class Work<T>(Func<Transaction, ValueTask<T>> work, bool writesLast, CancellationToken ct) : Work
{
    private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Transaction? tx;
    private Exception? failure;
    private T? result;

    public Task<T> Task => done.Task;

    public override bool WritesLast => writesLast;

    public override bool SkipIfCancelled() => ct.IsCancellationRequested && done.TrySetCanceled(ct);

    public override void Run(Transaction tx)
    {
        this.tx = tx;
        var task = work(tx);
        if (!task.IsCompleted)
        {
            throw Waited();
        }

        result = task.GetAwaiter().GetResult();
    }

    public override void Fail(Exception e) => failure ??= e;

    public override void Undo()
    {
        if (failure is null)
        {
            tx?.MarkRolledBack();
        }
    }

    public override void Complete()
    {
        if (failure is null)
        {
            tx!.MarkCommitted();
            done.SetResult(result!);
        }
        else
        {
            done.SetException(failure);
        }
    }
}

/// <summary>A request to empty the write-ahead log, between groups.</summary>
internal sealed class Checkpoint(CancellationToken ct) : Work
{
    private readonly TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? failure;

    public Task<bool> Task => done.Task;

    /// <summary>The log is empty. False: a reader still needed some of it.</summary>
    public bool IsWhole { get; set; }

    public override bool SkipIfCancelled() => ct.IsCancellationRequested && done.TrySetCanceled(ct);

    public override void Run(Transaction tx) => throw new InvalidOperationException("A checkpoint is not run in a transaction.");

    public override void Fail(Exception e) => failure = e;

    public override void Undo()
    {
    }

    public override void Complete()
    {
        if (failure is null)
        {
            done.SetResult(IsWhole);
        }
        else
        {
            done.SetException(failure);
        }
    }
}
