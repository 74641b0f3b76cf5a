using Candor.SignIn;

namespace Candor.Server.Pages.Me;

/// <summary>A place where the customer is signed in.</summary>
public sealed record SessionView(string Ref, string Where, string How, string Since, string Seen, string Ends, bool IsThis);

/// <summary>Where the customer is signed in.</summary>
public sealed class MeSessions(MeView view, IReadOnlyList<OwnSessions.Item> sessions)
{
    public MeView View { get; } = view;

    public IReadOnlyList<SessionView> Sessions { get; } = [.. sessions.Select(s => new SessionView(
        s.Ref, view.Words.T(s.IsThis ? "session.this" : s.IsThisBrowser ? "session.same" : "session.other"), view.Words.TOr("session.by." + s.Method, "session.by.other"),
        view.Words.Time(s.CreatedAt), view.Words.Time(s.SeenAt), view.Words.Day(s.EndsAt), s.IsThis))];
}
