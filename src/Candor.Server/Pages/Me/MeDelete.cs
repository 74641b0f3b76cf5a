using Candor.Rights;

namespace Candor.Server.Pages.Me;

/// <summary>What deleting the account means, before it is done.</summary>
/// <param name="Words">What goes, what stays and until when; null where <paramref name="Waiting"/> says that it is on its way.</param>
/// <param name="CoolingOff">How long it can still be taken back, in words; null: it happens at once.</param>
/// <param name="Waiting">The request for it that is open; null when there is none.</param>
/// <param name="IsConfirming">The second page, which asks once more.</param>
public sealed record MeDelete(MeView View, ErasureWords? Words, string? CoolingOff, RequestLine? Waiting, bool IsConfirming);
