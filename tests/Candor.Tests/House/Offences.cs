namespace Candor.Tests.House;

internal static class Offences
{
    /// <summary>Fails with the whole list, one offence a line.</summary>
    public static void None(IEnumerable<string?> offences)
    {
        var found = offences.Distinct().ToList();
        Assert.True(found.Count == 0, $"{found.Count} found:\n{string.Join('\n', found)}");
    }
}
