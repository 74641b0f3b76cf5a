namespace Candor.Personalization;

/// <summary>Working memory of one question about next needs, used again for the next. Only what a question touched is cleared after it.</summary>
internal sealed class NeedScratch
{
    private double[] products = [];
    private double[] scores = [];
    private int[] similar = [];
    private int[] places = [];
    private readonly List<int> met = [];
    private readonly List<int> touched = [];

    /// <summary>Slots of customers who share something, in the order in which they were met.</summary>
    public IReadOnlyList<int> Met => met;

    /// <summary>Items with a score, or named by somebody.</summary>
    public IReadOnlyList<int> Touched => touched;

    public List<(double Distance, int Slot)> Near { get; } = [];

    public void Begin(int shopperEnd, int itemEnd)
    {
        if (products.Length < shopperEnd)
        {
            products = new double[shopperEnd + shopperEnd / 4];
        }

        if (scores.Length < itemEnd)
        {
            (scores, similar, places) = (new double[itemEnd + itemEnd / 4], new int[itemEnd + itemEnd / 4], new int[itemEnd + itemEnd / 4]);
        }
    }

    /// <summary>Leaves everything at zero for the next question.</summary>
    public void End()
    {
        met.ForEach(slot => products[slot] = 0);
        touched.ForEach(item => (scores[item], similar[item], places[item]) = (0, 0, 0));
        met.Clear();
        touched.Clear();
    }

    /// <param name="product">Above 0.</param>
    public void AddProduct(int slot, double product)
    {
        ref var sum = ref products[slot];
        if (sum == 0)
        {
            met.Add(slot);
        }

        sum += product;
    }

    public double ProductOf(int slot) => products[slot];

    /// <summary>Notes an own item at its place among the own items, 0 or more.</summary>
    public void AddOwn(int item, int place, double score)
    {
        Touch(item);
        (places[item], scores[item]) = (place + 1, score);
    }

    /// <summary>Adds what one customer who buys alike says.</summary>
    public void AddOther(int item, double score)
    {
        Touch(item);
        similar[item]++;
        scores[item] += score;
    }

    public double ScoreOf(int item) => scores[item];

    public int SimilarOf(int item) => similar[item];

    /// <summary>Place among the own items; -1 for an item that the customer never bought.</summary>
    public int PlaceOf(int item) => places[item] - 1;

    private void Touch(int item)
    {
        if (places[item] == 0 && similar[item] == 0)
        {
            touched.Add(item);
        }
    }
}
