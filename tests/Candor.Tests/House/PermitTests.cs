using System.Reflection;
using Candor.Gate;

namespace Candor.Tests.House;

/// <summary>A permit comes from a rule of the gate and from nowhere else.</summary>
public sealed class PermitTests
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>One rule a legal ground. Another one is a decision with a page of its own.</summary>
    private static readonly string[] Rules = ["DecideAggregate", "DecideAnswer", "DecideEmergency", "DecideInspection", "DecideLegalDuty", "DecideOwnRequest", "DecideRead"];

    [Fact]
    public void Nobody_outside_the_permit_can_construct_or_copy_one()
    {
        Assert.True(typeof(Permit).IsSealed);
        Assert.All(typeof(Permit).GetConstructors(Everything).Where(c => !c.IsStatic), c => Assert.True(c.IsPrivate));
        Assert.DoesNotContain(typeof(Permit).GetMethods(Everything), m => m.Name == "<Clone>$");
        Assert.DoesNotContain(typeof(Permit).GetProperties(Everything), p => p.CanWrite);
        Assert.DoesNotContain(typeof(Permit).GetFields(Everything), f => !f.IsInitOnly && !f.IsLiteral);
    }

    [Fact]
    public void Only_the_rules_give_a_decision()
    {
        var open = typeof(Permit).GetMethods(Everything).Where(m => !m.IsPrivate && m.IsStatic && m.ReturnType == typeof(Decision)).Select(m => m.Name);
        Assert.Equal(Rules, open.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(typeof(Permit).GetMethods(Everything), m => !m.IsPrivate && m.ReturnType == typeof(Permit));
    }

    // What customers give for the bias audit has one way out, and it gives numbers of many.
    [Fact]
    public void Only_the_aggregate_read_asks_the_rule_for_counting()
    {
        var callers = from file in Repository.Files("src", ".cs")
                      where CSharpText.Of(Repository.Read(file)).Code.Contains("DecideAggregate(", StringComparison.Ordinal)
                      select Path.GetFileName(file);
        Assert.Equal(["AggregateRead.cs", "Permit.Duties.cs"], callers.Order(StringComparer.Ordinal));
    }

    // What is opened to be looked through leaves as counts, or goes back sealed.
    [Fact]
    public void Only_the_look_into_values_and_their_cleaning_open_without_anybody_asking()
    {
        var code = Repository.Files("src", ".cs").Select(f => (File: Path.GetFileName(f), CSharpText.Of(Repository.Read(f)).Code)).ToList();
        Assert.Equal(["InspectionRead.cs", "Permit.Duties.cs"], code.Where(c => c.Code.Contains("DecideInspection(", StringComparison.Ordinal)).Select(c => c.File).Order(StringComparer.Ordinal));
        Assert.Equal(["CandorHost.Governance.cs", "InspectionRead.cs", "ValueCheck.cs", "ValueCleaning.cs"], code.Where(c => c.Code.Contains("InspectionRead ", StringComparison.Ordinal) || c.Code.Contains("InspectionRead(", StringComparison.Ordinal)).Select(c => c.File).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Permits_are_not_conjured_by_reflection_or_serialization() =>
        Offences.None(
            from file in Repository.Files("src", ".cs")
            let code = CSharpText.Of(Repository.Read(file)).Code
            where code.Contains("GetUninitializedObject", StringComparison.Ordinal) || code.Contains("Activator.CreateInstance", StringComparison.Ordinal)
                || code.Contains("[JsonConstructor]", StringComparison.Ordinal) || code.Contains("UnsafeAccessor", StringComparison.Ordinal)
            select file);
}
