using System.Collections;
using System.Data.Common;
using SQLitePCL;

namespace Candor.Storage;

/// <summary>The rows that a <see cref="SqlitePipeline"/> gives, one result set after the other. Used again at each execution.</summary>
internal sealed class SqliteRows(SqlitePipeline pipeline) : DbDataReader
{
    private int current = -1;
    private bool isStepped;
    private int changed;

    private sqlite3_stmt Statement => pipeline.Statements[current];

    public override int Depth => 0;

    public override int FieldCount => raw.sqlite3_column_count(Statement);

    public override bool HasRows => throw NotHere();

    public override bool IsClosed => current < 0;

    public override int RecordsAffected => changed;

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => throw NotHere();

    /// <summary>Starts at the first result set; statements without rows before it are run.</summary>
    internal void Open()
    {
        Close();
        changed = 0;
        NextResult();
    }

    /// <summary>Runs what is left, whatever it gives, and closes.</summary>
    /// <returns>Rows changed.</returns>
    internal int Finish()
    {
        do
        {
            while (Read())
            {
            }
        }
        while (NextResult());
        Close();
        return changed;
    }

    public override bool NextResult()
    {
        Reset();
        for (current++; current < pipeline.Statements.Count; current++)
        {
            if (raw.sqlite3_column_count(Statement) > 0)
            {
                return true;
            }

            Read();
            Reset();
        }

        return false;
    }

    public override bool Read()
    {
        if (current >= pipeline.Statements.Count)
        {
            return false;
        }

        isStepped = true;
        var code = raw.sqlite3_step(Statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        if (code != raw.SQLITE_DONE)
        {
            Reset();
            pipeline.Check(code);
        }

        changed += raw.sqlite3_stmt_readonly(Statement) == 0 ? pipeline.Changes : 0;
        return false;
    }

    public override void Close()
    {
        Reset();
        current = -1;
    }

    private void Reset()
    {
        if (isStepped)
        {
            // Its answer is that of the step before, which was looked at then.
            _ = raw.sqlite3_reset(Statement);
            isStepped = false;
        }
    }

    public override bool IsDBNull(int ordinal) => raw.sqlite3_column_type(Statement, ordinal) == raw.SQLITE_NULL;

    public override long GetInt64(int ordinal) => raw.sqlite3_column_int64(Statement, ordinal);

    public override string GetString(int ordinal) => raw.sqlite3_column_text(Statement, ordinal).utf8_to_string();

    public override double GetDouble(int ordinal) => raw.sqlite3_column_double(Statement, ordinal);

    public override object GetValue(int ordinal) => raw.sqlite3_column_type(Statement, ordinal) switch
    {
        raw.SQLITE_INTEGER => GetInt64(ordinal),
        raw.SQLITE_FLOAT => GetDouble(ordinal),
        raw.SQLITE_TEXT => GetString(ordinal),
        raw.SQLITE_BLOB => raw.sqlite3_column_blob(Statement, ordinal).ToArray(),
        _ => DBNull.Value,
    };

    public override int GetInt32(int ordinal) => checked((int)GetInt64(ordinal));

    public override string GetName(int ordinal) => raw.sqlite3_column_name(Statement, ordinal).utf8_to_string();

    public override int GetOrdinal(string name) => throw NotHere();

    public override bool GetBoolean(int ordinal) => throw NotHere();

    public override byte GetByte(int ordinal) => throw NotHere();

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => throw NotHere();

    public override char GetChar(int ordinal) => throw NotHere();

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => throw NotHere();

    public override string GetDataTypeName(int ordinal) => throw NotHere();

    public override DateTime GetDateTime(int ordinal) => throw NotHere();

    public override decimal GetDecimal(int ordinal) => throw NotHere();

    public override IEnumerator GetEnumerator() => throw NotHere();

    public override Type GetFieldType(int ordinal) => throw NotHere();

    public override float GetFloat(int ordinal) => throw NotHere();

    public override Guid GetGuid(int ordinal) => throw NotHere();

    public override short GetInt16(int ordinal) => throw NotHere();

    public override int GetValues(object[] values) => throw NotHere();

    private static NotSupportedException NotHere() => new("Columns are long, double, string or byte[], read by position.");
}
