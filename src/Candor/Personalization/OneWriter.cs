namespace Candor.Personalization;

/// <summary>One writer or many readers at a time, for an index that is changed in place.</summary>
internal sealed class OneWriter : IDisposable
{
    private readonly ReaderWriterLockSlim turn = new(LockRecursionPolicy.NoRecursion);

    /// <summary>Changes the index. When it returns, no answer rests on what was there before.</summary>
    public bool Change(Func<bool> change)
    {
        turn.EnterWriteLock();
        try
        {
            return change();
        }
        finally
        {
            turn.ExitWriteLock();
        }
    }

    /// <summary>Looks at the index while no change is under way.</summary>
    public T Look<TIndex, T>(TIndex index, Func<TIndex, T> look)
    {
        turn.EnterReadLock();
        try
        {
            return look(index);
        }
        finally
        {
            turn.ExitReadLock();
        }
    }

    public void Dispose() => turn.Dispose();
}
