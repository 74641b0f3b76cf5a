namespace Candor.Personalization;

/// <summary>The different items of a current visit that the index knows, oldest first, each at its last place.</summary>
/// <param name="Numbers">Numbers of the items.</param>
/// <param name="Weights">Weight of each, 1 for the newest.</param>
/// <param name="Steps">How far from the end each stands; 1 for the newest.</param>
/// <param name="Norm">Length of the whole visit as a vector, unknown items included; above 0.</param>
internal sealed record CurrentItems(int[] Numbers, double[] Weights, int[] Steps, double Norm)
{
    public int Count => Numbers.Length;

    public static CurrentItems Of(SessionIndex held, SessionQuestion question, SessionSettings settings)
    {
        var viewed = question.Viewed;
        var (numbers, weights, steps, squares) = (new List<int>(), new List<double>(), new List<int>(), 0.0);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var first = Math.Max(0, viewed.Count - SessionQuestion.MaxViewed);
        for (var at = viewed.Count - 1; at >= first; at--)
        {
            if (question.LeftOut?.Contains(viewed[at]) == true || !seen.Add(viewed[at]))
            {
                continue;
            }

            var step = viewed.Count - at;
            var weight = Math.Exp(-(step - 1) / settings.CurrentDecay);
            squares += weight * weight;
            if (held.Items.TryFind(viewed[at], out var number))
            {
                numbers.Add(number);
                weights.Add(weight);
                steps.Add(step);
            }
        }

        numbers.Reverse();
        weights.Reverse();
        steps.Reverse();
        return new CurrentItems([.. numbers], [.. weights], [.. steps], Math.Sqrt(squares));
    }
}
