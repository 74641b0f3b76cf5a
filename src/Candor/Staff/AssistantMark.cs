using System.Globalization;
using Candor.Kernel;

namespace Candor.Staff;

/// <summary>That an API key is an AI assistant's: it reads nobody who has not agreed to AI assistance, it does nothing but read, and it opens a bounded number of customers.</summary>
/// <param name="Name">Under which customers see who looked, 1 to <see cref="MaxName"/> characters.</param>
/// <param name="CustomersPerHour">Different customers it may open in an hour, across all nodes; 1 to <see cref="MaxCustomersPerHour"/>.</param>
public sealed record AssistantMark(string Name, int CustomersPerHour = AssistantMark.UsualCustomersPerHour)
{
    public const int MaxName = 60;
    public const int UsualCustomersPerHour = 60;
    public const int MaxCustomersPerHour = 10_000;

    /// <exception cref="Fault">Invalid for what no assistant's key can be.</exception>
    internal void Check(IReadOnlyList<string> may)
    {
        if (Name.Length is 0 or > MaxName || Name != Name.Trim() || Name.Any(char.IsControl))
        {
            throw new Fault(FaultKind.Invalid, "staff/bad-assistant-name", $"The name of an AI assistant has 1 to {MaxName} characters, no line break and no blank at its ends; got `{Kernel.Name.Shown(Name)}`.");
        }

        if (CustomersPerHour is < 1 or > MaxCustomersPerHour)
        {
            throw new Fault(FaultKind.Invalid, "staff/bad-assistant-budget", string.Create(CultureInfo.InvariantCulture,
                $"An AI assistant opens 1 to {MaxCustomersPerHour} customers an hour; got `{CustomersPerHour}`."));
        }

        if (may.Count > 0)
        {
            throw new Fault(FaultKind.Invalid, "staff/assistant-reads-only", $"The key of an AI assistant reads and does nothing else; leave out `{Kernel.Name.Shown(may[0])}`, or make a key of another service for it.");
        }
    }
}
