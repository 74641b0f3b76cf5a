using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;

namespace Candor.Tests.Reads;

/// <summary>An actor of the matrix, in plain words.</summary>
public sealed record MatrixActor(string Kind, string Roles, bool Mfa, string Training, string Session, CallerToken Token);

/// <summary>A customer of the matrix: one state for all purposes.</summary>
public sealed record MatrixCustomer(string State, string Reference);

/// <summary>One question of the matrix.</summary>
public sealed record MatrixCase(MatrixActor Actor, MatrixCustomer Customer, string Purpose, string[] Asked, string? Case)
{
    public ReadRequest Request() =>
        new(Actor.Token, Customer.Reference, PurposeId.Parse(Purpose), [.. Asked.Select(DataPointId.Parse)], Case);

    public override string ToString() =>
        $"{Actor.Kind} [{Actor.Roles}] mfa={Actor.Mfa} training={Actor.Training} session={Actor.Session} | {Customer.State} | {Purpose} | {string.Join(',', Asked)} | case={Case}";
}

/// <summary>What must come of a read, written from the design page and not from the code: in words, over words.</summary>
public static class AccessOracle
{
    public static readonly string[] Purposes =
        ["support", "suggestions", "newsletter", "quality", "bookkeeping", "draft", "nowhere"];

    public static readonly string[][] Askings = [["email"], ["purchases"], ["pageViews"], ["email", "purchases"], ["email", "pageViews"]];

    private static readonly Dictionary<string, (string Basis, string[] Uses, string[] Roles, string[] Services, bool Case, bool Active)> Table = new()
    {
        ["support"] = ("contract", ["email", "purchases"], ["agent"], [], true, true),
        ["suggestions"] = ("consent", ["pageViews", "purchases"], [], ["shop"], false, true),
        ["newsletter"] = ("consent", ["email"], ["marketing"], ["mailer"], false, true),
        ["quality"] = ("interest", ["purchases"], ["analyst", "agent"], [], false, true),
        ["bookkeeping"] = ("law", ["purchases"], ["administrator"], [], false, true),
        ["draft"] = ("consent", ["email"], ["agent"], ["shop"], false, false),
    };

    public static string Expect(MatrixCase c)
    {
        var (actor, known) = (c.Actor, Table.TryGetValue(c.Purpose, out var p));
        if (actor.Session != "live") return "session-ended";
        if (actor.Kind == "staff" && !actor.Mfa) return "mfa-required";
        if (actor.Kind == "staff" && actor.Training != "valid") return "training-lapsed";
        if (!known) return "unknown-purpose";
        if (!p.Active) return "purpose-not-active";
        var may = actor.Kind switch
        {
            "staff" => actor.Roles.Split(' ').Any(p.Roles.Contains),
            "shop" or "mailer" => p.Services.Contains(actor.Kind),
            _ => false, // the customer has a way of their own; a key scoped to another purpose has none
        };
        if (!may) return "role-not-allowed";
        if (p.Case && c.Case is null) return "no-case";
        if (c.Customer.State == "nobody") return "no-such-customer";
        if (c.Customer.State == "restricted") return "restricted";
        if (p.Basis == "interest" && c.Customer.State == "objected") return "objected";
        if (p.Basis == "consent" && c.Customer.State != "given")
            return c.Customer.State switch { "withdrawn" => "consent-withdrawn", "expired" => "consent-expired", "outdated" => "consent-outdated", _ => "no-consent" };
        var given = c.Asked.Where(p.Uses.Contains).ToArray();
        return given.Length == 0 ? "not-for-this-purpose" : $"allowed|{string.Join(',', given.Order(StringComparer.Ordinal))}|{string.Join(',', c.Asked.Except(given).Order(StringComparer.Ordinal))}";
    }
}
