using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Candor.Storage;

/// <summary>One or more statements, parsed once and run in order: a command of the hot paths.</summary>
/// <remarks>The driver binds every parameter by name at each execution and makes a reader each time, which was most of the cost of a gated read. Here a value is bound
/// when it is set and stays bound, and there is one reader. For one thread; one reader at a time. What these paths do not use is not supported.</remarks>
internal sealed class SqlitePipeline : DbCommand
{
    private readonly sqlite3 handle;
    private readonly List<sqlite3_stmt> statements = [];
    private readonly Dictionary<string, List<(sqlite3_stmt Statement, int Index)>> places = new(StringComparer.Ordinal);
    private readonly SqliteRows rows;

    public SqlitePipeline(SqliteConnection connection, string sql)
    {
        handle = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
        CommandText = sql;
        for (var rest = sql; !string.IsNullOrWhiteSpace(rest);)
        {
            Check(raw.sqlite3_prepare_v3(handle, rest, raw.SQLITE_PREPARE_PERSISTENT, out var statement, out rest));
            if (!statement.IsInvalid)
            {
                Add(statement);
            }
        }

        rows = new SqliteRows(this);
    }

    [AllowNull]
    public override string CommandText { get; set; }

    public override int CommandTimeout { get; set; }

    public override CommandType CommandType { get; set; } = CommandType.Text;

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection { get; set; }

    protected override DbParameterCollection DbParameterCollection => throw new NotSupportedException("Values are set with PreparedCommand.Set.");

    protected override DbTransaction? DbTransaction { get; set; }

    internal IReadOnlyList<sqlite3_stmt> Statements => statements;

    /// <summary>Sets <c>@name</c> wherever it stands. A name that stands nowhere is a bug.</summary>
    public void Bind(string name, object? value)
    {
        rows.Close();
        foreach (var (statement, index) in places[name])
        {
            Check(value switch
            {
                long number => raw.sqlite3_bind_int64(statement, index, number),
                string text => raw.sqlite3_bind_text(statement, index, text),
                byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(statement, index, 0),
                byte[] bytes => raw.sqlite3_bind_blob(statement, index, bytes),
                double real => raw.sqlite3_bind_double(statement, index, real),
                null or DBNull => raw.sqlite3_bind_null(statement, index),
                _ => throw new ArgumentException($"`{name}` is a long, double, string, byte[] or null.", nameof(value)),
            });
        }
    }

    public override int ExecuteNonQuery()
    {
        rows.Open();
        return rows.Finish();
    }

    public override object? ExecuteScalar()
    {
        rows.Open();
        var value = rows.Read() ? rows.GetValue(0) : null;
        rows.Close();
        return value;
    }

    public override void Prepare()
    {
    }

    public override void Cancel()
    {
    }

    internal void Check(int code)
    {
        if (code is not raw.SQLITE_OK and not raw.SQLITE_ROW and not raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(code, handle);
        }
    }

    internal int Changes => raw.sqlite3_changes(handle);

    protected override DbParameter CreateDbParameter() => throw new NotSupportedException("Values are set with PreparedCommand.Set.");

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior)
    {
        rows.Open();
        return rows;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            statements.ForEach(s => s.Dispose());
            rows.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Add(sqlite3_stmt statement)
    {
        statements.Add(statement);
        for (var i = raw.sqlite3_bind_parameter_count(statement); i > 0; i--)
        {
            var name = raw.sqlite3_bind_parameter_name(statement, i).utf8_to_string();
            if (!places.TryGetValue(name, out var list))
            {
                places[name] = list = [];
            }

            list.Add((statement, i));
        }
    }
}
