namespace Candor.Personalization;

/// <summary>Finding the n-th largest number without sorting all of them.</summary>
internal static class Selection
{
    /// <summary>The <paramref name="rank"/>-th largest value, 1 for the largest; the values are put into another order.</summary>
    /// <remarks>Hoare's selection with the middle as pivot (Hoare 1961, Algorithm 65).</remarks>
    public static double Largest(Span<double> values, int rank)
    {
        var (low, high, want) = (0, values.Length - 1, rank - 1);
        while (low < high)
        {
            var (pivot, i, j) = (values[(low + high) >>> 1], low, high);
            while (i <= j)
            {
                while (values[i] > pivot)
                {
                    i++;
                }

                while (values[j] < pivot)
                {
                    j--;
                }

                if (i <= j)
                {
                    (values[i], values[j]) = (values[j], values[i]);
                    i++;
                    j--;
                }
            }

            if (want <= j)
            {
                high = j;
            }
            else if (want >= i)
            {
                low = i;
            }
            else
            {
                return values[want];
            }
        }

        return values[want];
    }
}
