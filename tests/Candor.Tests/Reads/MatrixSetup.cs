using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Candor.Tests.Reads;

/// <summary>Makes every kind of actor of the matrix in the database.</summary>
internal static class MatrixActors
{
    /// <summary>Every n-th case is run: enough for each pair of values to meet many times.</summary>
    public const int Thinning = 3;

    /// <summary>Makes the actors of some kinds of session; "expired" ones are made long before the others.</summary>
    public static async Task<List<MatrixActor>> CreateAsync(Database db, ReadHouse house, FakeTimeProvider clock, string[] sessions, CancellationToken ct)
    {
        var actors = new List<MatrixActor>();
        foreach (var roles in new[] { "agent", "marketing", "analyst", "administrator", "marketing analyst", "auditor" })
        {
            foreach (var training in new[] { "valid", "lapsed", "never" })
            {
                foreach (var mfa in new[] { true, false })
                {
                    foreach (var session in sessions)
                    {
                        actors.Add(await StaffAsync(db, house, roles, mfa, training, session, clock, ct));
                    }
                }
            }
        }

        foreach (var service in new[] { "shop", "mailer", "scoped" })
        {
            foreach (var session in sessions.Where(s => s != "disabled"))
            {
                actors.Add(await ServiceAsync(db, house, service, session, ct));
            }
        }

        if (!sessions.Contains("live"))
        {
            return actors;
        }

        var customer = await house.AddCustomerAsync(db, "somebody-else", ct);
        var token = Parse(await db.WriteAsync(async tx => await house.Access.OpenCustomerSessionAsync(tx, customer.Id, ct), ct));
        actors.Add(new MatrixActor("customer", "", false, "never", "live", token));
        return actors;
    }

    private static async Task<MatrixActor> StaffAsync(
        Database db, ReadHouse house, string roles, bool mfa, string training, string session, FakeTimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset? until = training switch { "valid" => now.AddYears(2), "lapsed" => now.AddMinutes(1), _ => null };
        var token = await db.WriteAsync(async tx =>
        {
            var staff = await house.Access.AddStaffAsync(tx, "Sam", roles.Split(' '), until, "test", ct);
            var text = await house.Access.OpenStaffSessionAsync(tx, staff, mfa ? now : null, ct);
            if (session == "revoked")
            {
                await house.Access.EndSessionAsync(tx, Parse(text), ct);
            }

            if (session == "disabled")
            {
                await house.Access.ChangeStaffAsync(tx, staff, roles.Split(' '), disabled: true, "test", ct);
            }

            return text;
        }, ct);
        return new MatrixActor("staff", roles, mfa, training, session, Parse(token));
    }

    private static async Task<MatrixActor> ServiceAsync(Database db, ReadHouse house, string kind, string session, CancellationToken ct)
    {
        var text = await db.WriteAsync(async tx =>
        {
            PurposeId[] scope = kind == "scoped" ? [PurposeId.Parse("bookkeeping")] : [];
            var (text, id) = await house.Access.CreateKeyAsync(tx, kind == "scoped" ? "shop" : kind, scope, [], TimeSpan.FromDays(30), "test", ct);
            if (session == "revoked")
            {
                await house.Access.RevokeKeyAsync(tx, id, "test", ct);
            }

            return text;
        }, ct);
        return new MatrixActor(kind, "", false, "never", session, Parse(text));
    }

    private static CallerToken Parse(string text) => CallerToken.TryParse(text, out var token) ? token : throw new InvalidOperationException(text);
}

/// <summary>Makes a customer in every state of the matrix.</summary>
internal static class MatrixCustomers
{
    private static readonly string[] ByConsent = ["suggestions", "newsletter"];

    /// <summary>The one whose consents will be over: made long before the others.</summary>
    public static async Task CreateEarlyAsync(Database db, ReadHouse house, CancellationToken ct)
    {
        var expired = await house.AddCustomerAsync(db, "c-expired", ct);
        foreach (var purpose in ByConsent)
        {
            await house.GiveAsync(db, expired.Id, purpose, ct);
        }
    }

    /// <summary>All others. Also widens the catalog, so that the consents of one are outdated.</summary>
    public static async Task<List<MatrixCustomer>> CreateAsync(Database db, ReadHouse house, CancellationToken ct)
    {
        var outdated = await house.AddCustomerAsync(db, "c-outdated", ct);
        foreach (var purpose in ByConsent)
        {
            await house.GiveAsync(db, outdated.Id, purpose, ct);
        }

        await house.ApplyCatalogAsync(db, ReadHouse.Yaml(widened: true), "committee-7", ct);
        foreach (var state in new[] { "none", "given", "withdrawn", "refused", "objected", "restricted" })
        {
            await MakeAsync(db, house, state, ct);
        }

        return [.. new[] { "none", "given", "withdrawn", "expired", "refused", "outdated", "objected", "restricted", "nobody" }.Select(s => new MatrixCustomer(s, "c-" + s))];
    }

    private static async Task MakeAsync(Database db, ReadHouse house, string state, CancellationToken ct)
    {
        var customer = await house.AddCustomerAsync(db, "c-" + state, ct);
        await db.WriteAsync(async tx =>
        {
            var catalog = await house.Catalogs.GetActiveAsync(tx, ct);
            var notice = ReadHouse.Notice(catalog);
            foreach (var purpose in ByConsent.Select(p => catalog.Catalog.Purposes[PurposeId.Parse(p)]))
            {
                if (state is "given" or "withdrawn" or "restricted")
                {
                    await house.Ledger.GiveAsync(tx, customer.Id, purpose, catalog, notice, "test", ct);
                }

                if (state == "withdrawn")
                {
                    await house.Ledger.WithdrawAsync(tx, customer.Id, purpose.Id, "test", "en", ct);
                }

                if (state == "refused")
                {
                    await house.Ledger.RefuseAsync(tx, customer.Id, purpose, catalog, notice, "test", ct);
                }
            }

            if (state == "objected")
            {
                await house.Ledger.ObjectAsync(tx, customer.Id, catalog.Catalog.Purposes[PurposeId.Parse("quality")], catalog, "test", "en", ct);
            }

            if (state == "restricted")
            {
                await house.Ledger.RestrictAsync(tx, customer.Id, "test", "en", ct);
            }
        }, ct);
    }
}
