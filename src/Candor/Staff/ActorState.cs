using System.Collections.Concurrent;
using System.Collections.Frozen;
using Candor.Kernel;

namespace Candor.Staff;

/// <summary>What kind of actor asks.</summary>
public enum ActorKind
{
    /// <summary>A person who works here, in a session.</summary>
    Staff,
    /// <summary>A program with an API key.</summary>
    Service,
    /// <summary>The customer, in a session of their own.</summary>
    Customer,
    /// <summary>Candor itself: scheduled work.</summary>
    System,
}

/// <summary>An actor as the current transaction found it.</summary>
public sealed record ActorState
{
    private static readonly ConcurrentDictionary<string, FrozenSet<string>> Words = new(StringComparer.Ordinal);

    public required ActorKind Kind { get; init; }

    /// <summary>Staff id, key id or customer id.</summary>
    public required string Ref { get; init; }

    /// <summary>Opaque reference of the session; null for services.</summary>
    public string? Session { get; init; }

    /// <summary>Roles of a staff member, separated by blanks.</summary>
    public string Roles { get; init; } = "";

    /// <summary>The service name that purposes list; null for people.</summary>
    public string? Service { get; init; }

    /// <summary>Purposes a key is limited to, separated by blanks; <c>*</c> for all that list its service.</summary>
    public string Scope { get; init; } = "";

    /// <summary>What a key may do besides reading: <c>collect</c>, <c>consents</c>; separated by blanks.</summary>
    public string May { get; init; } = "";

    /// <summary>Name of the AI assistant that the key is; null for everybody else.</summary>
    public string? Assistant { get; init; }

    public bool IsAssistant => Assistant is not null;

    /// <summary>Different customers an hour; looked at for AI assistants alone, as staff have one budget for all.</summary>
    public long CustomersPerHour { get; init; }

    public DateTimeOffset? MfaAt { get; init; }

    /// <summary>Exclusive end of the training's validity.</summary>
    public DateTimeOffset? TrainingUntil { get; init; }

    /// <summary>Exclusive end of the session or key; of a session that rests, the end of the rest it is allowed.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the session was last used, to the minute; null for services.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>The session or key was revoked, or the account disabled.</summary>
    public bool IsRevoked { get; init; }

    public bool IsOverReadBudget { get; init; }

    /// <summary>How the log names this actor: kind and opaque reference.</summary>
    public string LogName => Kind switch
    {
        ActorKind.Staff => "staff:" + Ref,
        ActorKind.Service => "key:" + Ref,
        // INVARIANT: the log holds no customer id; the entry's own customer reference says who.
        ActorKind.Customer => "customer",
        _ => "system:" + Ref,
    };

    /// <summary>A member of staff in a live session with a second factor.</summary>
    public bool IsStaffAt(DateTimeOffset now) => this is { Kind: ActorKind.Staff, IsRevoked: false, MfaAt: not null } && ExpiresAt > now;

    public bool HasAnyRole(FrozenSet<string> roles) => Roles.Length > 0 && Split(Roles).Overlaps(roles);

    public bool HasRole(string role) => Roles.Length > 0 && Split(Roles).Contains(role);

    public bool IsScopedTo(PurposeId purpose) => Scope == "*" || (Scope.Length > 0 && Split(Scope).Contains(purpose.Value));

    public bool MayDo(string what) => May.Length > 0 && Split(May).Contains(what);

    /// <summary>The same few texts come back on every read, so each is split once.</summary>
    private static FrozenSet<string> Split(string words) => Words.Count > 4096
        ? words.Split(' ').ToFrozenSet(StringComparer.Ordinal)
        : Words.GetOrAdd(words, static w => w.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal));
}
