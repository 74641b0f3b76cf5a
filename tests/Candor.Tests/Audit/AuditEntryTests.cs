using Candor.Audit;
using Candor.Kernel;
using CsCheck;

namespace Candor.Tests.Audit;

public sealed class AuditEntryTests
{
    private static readonly DateTimeOffset At = new(2026, 6, 1, 9, 0, 0, TimeSpan.Zero);

    private static readonly AuditEvent Full = new()
    {
        Kind = AuditKind.Read, Actor = "staff:ab12", Session = "s1", Purpose = "support", CatalogVersion = 3, ConsentVersion = 7,
        CustomerRef = [.. Enumerable.Range(1, 16).Select(i => (byte)i)], DataPoints = ["email", "fullName"], Reason = "für", Subject = "x", SealedDetail = [1, 2, 3],
    };

    [Fact]
    public void What_is_written_is_read_back()
    {
        var (id, bytes) = AuditEntry.Encode(Full, At);
        var read = AuditEntry.Decode(bytes);
        Assert.Equal((id, At), (read.Id, read.At));
        Assert.Equivalent(Full, read.Event, strict: true);
        var least = new AuditEvent { Kind = AuditKind.System, Actor = "system" };
        Assert.Equivalent(least, AuditEntry.Decode(AuditEntry.Encode(least, At).Bytes).Event, strict: true);
    }

    [Fact]
    public void Two_entries_of_one_event_differ_so_that_nobody_confirms_a_guess_by_its_hash() =>
        Assert.NotEqual(AuditEntry.Encode(Full, At).Bytes[26..42], AuditEntry.Encode(Full, At).Bytes[26..42]);

    [Fact]
    public void An_entry_over_the_bundle_limit_is_refused()
    {
        var least = AuditEntry.Encode(Full with { SealedDetail = null }, At).Bytes.Length;
        Assert.Equal(AuditEntry.MaxBytes, AuditEntry.Encode(Full with { SealedDetail = new byte[AuditEntry.MaxBytes - least] }, At).Bytes.Length);
        Assert.Throws<Fault>(() => AuditEntry.Encode(Full with { SealedDetail = new byte[AuditEntry.MaxBytes - least + 1] }, At));
        Assert.Throws<Fault>(() => AuditEntry.Encode(Full with { CustomerRef = new byte[15] }, At));
    }

    [Fact]
    public void Nothing_but_a_fault_comes_out_of_mutated_bytes()
    {
        var whole = AuditEntry.Encode(Full, At).Bytes;
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, whole.Length], Gen.Byte.Array[0, 8]).Sample((at, value, cut, tail) =>
        {
            var bytes = whole.ToArray();
            bytes[at] = value;
            Refused(bytes);
            Refused([.. bytes[..cut], .. tail]);
        }, iter: 20_000);
        Gen.Byte.Array[0, 300].Sample(Refused, iter: 5_000);
    }

    /// <summary>Decodes, or refuses with a fault; what decodes fits the size.</summary>
    private static void Refused(byte[] bytes)
    {
        try
        {
            Assert.NotNull(AuditEntry.Decode(bytes));
        }
        catch (Fault fault)
        {
            Assert.Equal(FaultKind.Invalid, fault.Kind);
        }
    }
}
