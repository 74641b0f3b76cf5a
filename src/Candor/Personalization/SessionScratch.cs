namespace Candor.Personalization;

/// <summary>Working memory of one question, used again for the next. Places by item number count only when they carry the number of the question.</summary>
internal sealed class SessionScratch
{
    private int question;
    private int neighbour;
    private Cell[] cells = [];
    private Candidate[] candidates = new Candidate[1024];
    private double[] order = [];
    private int[] heads = [];
    private double[] decays = [];
    private double decayOf;
    private int candidateCount;
    private readonly List<int> touched = [];

    private struct Cell
    {
        public double Score;
        public double Follow;
        public int Touched;
        public int Neighbour;
        public int Visits;
        public int Step;
        public int StepOf;
        public int LeftOut;
    }

    /// <summary>A past visit and how similar it is to the current one.</summary>
    internal readonly record struct Candidate(int Slot, double Similarity);

    /// <summary>Items with a score or followers.</summary>
    public IReadOnlyList<int> Touched => touched;

    /// <summary>The neighbours that were kept, newest first.</summary>
    public ReadOnlySpan<Candidate> Kept => candidates.AsSpan(0, candidateCount);

    public void Begin(int itemEnd)
    {
        if (cells.Length < itemEnd)
        {
            cells = new Cell[itemEnd + itemEnd / 4 + 16];
            (question, neighbour) = (0, 0);
        }

        if (question == int.MaxValue || neighbour > int.MaxValue / 2)
        {
            Array.Clear(cells);
            (question, neighbour) = (0, 0);
        }

        question++;
        candidateCount = 0;
        touched.Clear();
    }

    public Span<int> Heads(int count)
    {
        if (heads.Length < count)
        {
            heads = new int[SessionQuestion.MaxViewed];
        }

        return heads.AsSpan(0, count);
    }

    public void AddCandidate(int slot, double similarity)
    {
        if (candidateCount == candidates.Length)
        {
            Array.Resize(ref candidates, candidates.Length * 2);
        }

        candidates[candidateCount++] = new Candidate(slot, similarity);
    }

    /// <summary>Keeps the most similar candidates; of equals the newer ones. Their order stays.</summary>
    public void KeepMostSimilar(int count)
    {
        if (candidateCount <= count)
        {
            return;
        }

        if (order.Length < candidateCount)
        {
            order = new double[candidates.Length];
        }

        for (var i = 0; i < candidateCount; i++)
        {
            order[i] = candidates[i].Similarity;
        }

        var least = Selection.Largest(order.AsSpan(0, candidateCount), count);
        var above = 0;
        for (var i = 0; i < candidateCount; i++)
        {
            above += candidates[i].Similarity > least ? 1 : 0;
        }

        var (equals, kept) = (count - above, 0);
        for (var i = 0; i < candidateCount; i++)
        {
            if (candidates[i].Similarity > least || (candidates[i].Similarity == least && equals-- > 0))
            {
                candidates[kept++] = candidates[i];
            }
        }

        candidateCount = kept;
    }

    public void SetStep(int item, int step) => (cells[item].Step, cells[item].StepOf) = (step, question);

    public void LeaveOut(int item) => cells[item].LeftOut = question;

    /// <summary>The newest current item that a visit shares: its last place there, and its steps from the end of the current visit.</summary>
    public (int Place, int Step) NewestShared(ReadOnlySpan<int> items)
    {
        var (place, step) = (0, int.MaxValue);
        for (var i = 0; i < items.Length; i++)
        {
            ref readonly var cell = ref cells[items[i]];
            if (cell.StepOf == question && cell.Step <= step)
            {
                (place, step) = (i, cell.Step);
            }
        }

        return (place, step);
    }

    public void BeginNeighbour() => neighbour++;

    public double Decay(int distance, double decay)
    {
        if (decayOf != decay)
        {
            decays = [.. Enumerable.Range(0, SessionIndex.MaxItems).Select(d => Math.Exp(-d / decay))];
            decayOf = decay;
        }

        return decays[distance];
    }

    /// <summary>Adds to an item's score unless this neighbour has done so already.</summary>
    public void AddScore(int item, double score)
    {
        ref var cell = ref Touch(item);
        if (cell.Neighbour != neighbour)
        {
            cell.Neighbour = neighbour;
            cell.Score += score;
            cell.Visits++;
        }
    }

    public void AddFollower(int item, double count) => Touch(item).Follow += count;

    public ref double Score(int item) => ref cells[item].Score;

    public double Follow(int item) => cells[item].Follow;

    public int Visits(int item) => cells[item].Visits;

    public int Step(int item) => cells[item].StepOf == question ? cells[item].Step : 0;

    /// <summary>Adds followers, scaled so that the best of them counts <paramref name="share"/> of the best score.</summary>
    public double BlendFollowers(double share)
    {
        var (score, follow) = (0.0, 0.0);
        foreach (var item in touched)
        {
            (score, follow) = (Math.Max(score, cells[item].Score), Math.Max(follow, cells[item].Follow));
        }

        var factor = follow > 0 ? share * score / follow : 0;
        foreach (var item in touched)
        {
            cells[item].Score += factor * cells[item].Follow;
        }

        return factor;
    }

    /// <summary>The best items, best first; ties by name.</summary>
    public int[] Best(ItemTable items, int count, ReadOnlySpan<int> current, bool mayRepeat)
    {
        var best = new int[count];
        var found = 0;
        foreach (var item in touched)
        {
            var score = cells[item].Score;
            if (score <= 0 || cells[item].LeftOut == question || (!mayRepeat && current.Contains(item)))
            {
                continue;
            }

            if (found == count && !Before(items, item, best[found - 1]))
            {
                continue;
            }

            var at = found == count ? found - 1 : found++;
            while (at > 0 && Before(items, item, best[at - 1]))
            {
                best[at] = best[at - 1];
                at--;
            }

            best[at] = item;
        }

        return best[..found];
    }

    private bool Before(ItemTable items, int a, int b) =>
        cells[a].Score > cells[b].Score || (cells[a].Score == cells[b].Score && items.Compare(a, b) < 0);

    private ref Cell Touch(int item)
    {
        ref var cell = ref cells[item];
        if (cell.Touched != question)
        {
            (cell.Touched, cell.Score, cell.Follow, cell.Visits, cell.Neighbour) = (question, 0, 0, 0, 0);
            touched.Add(item);
        }

        return ref cell;
    }
}
