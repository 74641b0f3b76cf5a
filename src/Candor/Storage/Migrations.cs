using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Storage;

/// <summary>Numbered schema steps, each a file in its module's folder, applied in order in one transaction.</summary>
internal static class Migrations
{
    private const string Prefix = "migration/";

    internal sealed record Step(long Number, string Name, string Sql)
    {
        public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));
    }

    private sealed record Applied(long Number, string Name, string Digest);

    /// <summary>All steps of this binary by number.</summary>
    internal static IReadOnlyList<Step> Known { get; } = Load();

    public static Task ApplyAsync(Database database, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        await tx.LockJobAsync("migration", ct);
        var applied = await database.TableExistsAsync(tx, "schema_migration", ct)
            ? await tx.QueryAsync<Applied>("SELECT number, name, digest FROM schema_migration ORDER BY number", null, ct)
            : [];
        Check(applied);
        foreach (var step in Known.Where(step => applied.All(a => a.Number != step.Number)))
        {
            foreach (var statement in Statements(database.Adapt(step.Sql)))
            {
                await tx.RunAsync(statement, null, ct);
            }

            await tx.RunAsync(
                "INSERT INTO schema_migration (number, name, digest, applied_at_us) VALUES (@Number, @Name, @Digest, @NowUs)",
                new { step.Number, step.Name, step.Digest, tx.NowUs }, ct);
        }
    }, ct);

    private static void Check(IReadOnlyList<Applied> applied)
    {
        foreach (var old in applied)
        {
            var step = Known.FirstOrDefault(s => s.Number == old.Number)
                ?? throw new Fault(FaultKind.Conflict, "storage/database-is-newer",
                    $"The database has schema step `{old.Name}`, which this version of Candor does not know; start the newer version that made it.");
            if (step.Digest != old.Digest)
            {
                throw new Fault(FaultKind.Conflict, "storage/migration-changed",
                    $"Schema step `{old.Name}` was applied with another text than this version has; start the version that made this database.");
            }
        }
    }

    private static IEnumerable<string> Statements(string sql) =>
        sql.Split(";\n", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(s => s.TrimEnd(';'))
            .Where(s => s.Split('\n').Any(line => line.Length > 0 && !line.StartsWith("--", StringComparison.Ordinal)));

    private static List<Step> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var steps = new List<Step>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var name = resource[Prefix.Length..];
            steps.Add(new Step(long.Parse(name[..4], System.Globalization.CultureInfo.InvariantCulture), name, reader.ReadToEnd().ReplaceLineEndings("\n")));
        }

        return [.. steps.OrderBy(s => s.Number)];
    }
}
