using System.CommandLine;

namespace Candor.Server.Commands;

/// <summary><c>candor fairness audit|lists|risk|thresholds</c>: all read a CSV file and need no installation.</summary>
internal static class FairnessCommand
{
    public static Command Make() => new("fairness", "Audit decisions for bias, and measure how easily people are found again in records.") { FairnessAuditCommand.Make(), FairnessListsCommand.Make(), FairnessRiskCommand.Make(), FairnessThresholdsCommand.Make() };
}
