namespace Candor.Benchmarks;

internal static class EventSpeed
{
    public static Task RunAsync(Platform platform) => throw new NotImplementedException(platform.Database.Description);
}
