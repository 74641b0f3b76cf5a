namespace Candor.Personalization;

/// <summary>Working memory of one question about next needs, used again for the next. Only what a question touched is cleared after it.</summary>
internal sealed class NeedScratch
{
    private double[] products = [];
    private Cell[] cells = [];
    private double[] order = [];
    private readonly List<int> met = [];
    private readonly List<int> touched = [];

    /// <summary>What is known of one item. The default is one that nobody named.</summary>
    private struct Cell
    {
        public double Score;
        public int Similar;
        public int PlaceAndOne;
    }

    /// <summary>Slots of customers who share something, in the order in which they were met.</summary>
    public List<int> Met => met;

    /// <summary>Items with a score, or named by somebody.</summary>
    public List<int> Touched => touched;

    public List<Neighbourhood.Distance> Near { get; } = [];

    /// <summary>Room for so many numbers, with anything in it.</summary>
    public Span<double> Order(int count)
    {
        if (order.Length < count)
        {
            order = new double[count * 2];
        }

        return order.AsSpan(0, count);
    }

    public void Begin(int shopperEnd, int itemEnd)
    {
        if (products.Length < shopperEnd)
        {
            products = new double[shopperEnd + shopperEnd / 4];
        }

        if (cells.Length < itemEnd)
        {
            cells = new Cell[itemEnd + itemEnd / 4];
        }
    }

    /// <summary>Leaves everything at zero for the next question.</summary>
    public void End()
    {
        foreach (var slot in met)
        {
            products[slot] = 0;
        }

        foreach (var item in touched)
        {
            cells[item] = default;
        }

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
        ref var cell = ref Touch(item);
        (cell.PlaceAndOne, cell.Score) = (place + 1, score);
    }

    /// <summary>Adds what one customer who buys alike says.</summary>
    public void AddOther(int item, double score)
    {
        ref var cell = ref Touch(item);
        cell.Similar++;
        cell.Score += score;
    }

    public double ScoreOf(int item) => cells[item].Score;

    public int SimilarOf(int item) => cells[item].Similar;

    /// <summary>Place among the own items; -1 for an item that the customer never bought.</summary>
    public int PlaceOf(int item) => cells[item].PlaceAndOne - 1;

    private ref Cell Touch(int item)
    {
        ref var cell = ref cells[item];
        if (cell.PlaceAndOne == 0 && cell.Similar == 0)
        {
            touched.Add(item);
        }

        return ref cell;
    }
}
