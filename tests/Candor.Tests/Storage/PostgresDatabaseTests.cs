using Candor.Storage;
using Npgsql;

namespace Candor.Tests.Storage;

public sealed class PostgresDatabaseTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "2s", "5s")]
    [InlineData("-c lock_timeout=7s", "7s", "5s")]
    [InlineData("-c synchronous_commit=off -c idle_in_transaction_session_timeout=9s", "2s", "9s")]
    public async Task Options_of_the_connection_count_but_no_commit_is_confirmed_before_it_is_durable(string options, string wait, string idle)
    {
        var given = await PostgresServer.NewEmptyDatabaseAsync(Ct);
        await using (var database = await PostgresDatabase.OpenAsync(new NpgsqlConnectionStringBuilder(given) { Options = options }.ToString(), TimeProvider.System, Ct))
        {
            var found = await database.ReadAsync(async tx => (await ShowAsync(tx, "lock_timeout"), await ShowAsync(tx, "idle_in_transaction_session_timeout"), await ShowAsync(tx, "synchronous_commit")), Ct);
            Assert.Equal((wait, idle, "on"), found);
        }

        await PostgresServer.DropAsync(given);
    }

    private static async ValueTask<string?> ShowAsync(Transaction tx, string setting) => await tx.FindAsync<string>($"SHOW {setting}", null, Ct);
}
