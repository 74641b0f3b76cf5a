namespace Candor.Server.Pages.Staff;

/// <summary>A section of the pages for staff.</summary>
/// <param name="Id">Also the name of its text.</param>
/// <param name="Roles">Who sees it; empty: everybody.</param>
public sealed record StaffSection(string Id, string Path, params string[] Roles);

/// <summary>Sections that serve one task.</summary>
/// <param name="Id">Also the name of its text.</param>
public sealed record StaffSectionGroup(string Id, params IReadOnlyList<StaffSection> Sections);

/// <summary>All sections, in the order in which they are shown.</summary>
internal static class StaffSections
{
    private static readonly IReadOnlyList<StaffSectionGroup> All =
    [
        new("service", new("desk", "/desk", "agent"), new StaffSection("emergencies", "/desk/emergencies", "privacy-officer")),
        new("decide",
            new("initiatives", "/governance/initiatives"),
            new("dpia", "/governance/dpia", "privacy-officer", "administrator", "committee-member", "auditor"),
            new("changes", "/admin/changes", "administrator", "privacy-officer"),
            new("catalog", "/admin/catalog", "administrator", "privacy-officer")),
        new("measure",
            new("checklist", "/governance/checklist", "privacy-officer", "committee-member", "administrator", "auditor"),
            new("trust", "/trust", "privacy-officer", "committee-member", "analyst", "administrator"),
            new("fairness", "/governance/fairness", "privacy-officer", "administrator"),
            new("models", "/governance/models", "privacy-officer", "administrator", "committee-member", "auditor"),
            new("minimisation", "/governance/minimisation", "privacy-officer", "committee-member", "administrator", "auditor"),
            new("survey-texts", "/governance/survey-texts", "privacy-officer")),
        new("watch",
            new("log", "/governance/log", "auditor", "privacy-officer"),
            new("proofs", "/governance/log/proofs", "auditor", "privacy-officer"),
            new("anomalies", "/governance/anomalies", "privacy-officer", "auditor"),
            new("audits", "/governance/audits", "privacy-officer", "auditor"),
            new("incidents", "/governance/incidents", "privacy-officer", "administrator", "auditor")),
        new("records",
            new("records", "/governance/records", "privacy-officer", "committee-member", "administrator", "auditor"),
            new("requests", "/governance/requests", "privacy-officer", "administrator", "auditor"),
            new("retention", "/governance/retention", "privacy-officer", "auditor"),
            new("rights", "/admin/rights", "administrator", "privacy-officer", "auditor")),
        new("admin",
            new("admin", "/admin", "administrator"), new("people", "/admin/people", "administrator"), new("keys", "/admin/keys", "administrator"),
            new("webhooks", "/admin/webhooks", "administrator"), new("mail", "/admin/mail", "administrator"), new("encryption", "/admin/encryption", "administrator"),
            new("backups", "/admin/backups", "administrator")),
        new("you", new StaffSection("training", "/staff/training"), new StaffSection("account", "/staff/account")),
    ];

    /// <summary>The sections of a person, without groups that would be empty.</summary>
    public static IReadOnlyList<StaffSectionGroup> For(StaffVisit visit) =>
        [.. All.Select(g => new StaffSectionGroup(g.Id, [.. g.Sections.Where(s => IsFor(visit, s))])).Where(g => g.Sections.Count > 0)];

    /// <summary>Whether a person may open the page of a section; of paths that are no section nothing is known, so they may.</summary>
    public static bool MayOpen(StaffVisit visit, string path) => All.SelectMany(g => g.Sections).Where(s => s.Path == path).All(s => IsFor(visit, s));

    private static bool IsFor(StaffVisit visit, StaffSection section) => section.Roles.Length == 0 || section.Roles.Any(visit.HasRole);
}
