namespace Candor.Server.Pages.Governance;

/// <summary>A standard that the page goes through.</summary>
public enum Standard
{
    /// <summary>NIST Privacy Framework, version 1.0 (January 2020): the categories of its core.</summary>
    Nist,
    /// <summary>ISO/IEC 27701:2019: clauses 7.2 to 7.5 for controllers, control by control, and 8.2 to 8.5 for processors, as a whole each.</summary>
    Iso,
}

/// <summary>How far the product answers what is asked.</summary>
public enum StandardAnswer
{
    /// <summary>It does it.</summary>
    Yes,
    /// <summary>It does a part, and says which part is the business's own.</summary>
    Part,
    /// <summary>The business does it.</summary>
    Yours,
}

/// <summary>One requirement.</summary>
/// <param name="Id">As the standard has it. What is asked stands in the texts under this name, in our own words: the standards are their publishers'.</param>
/// <param name="Link">The page with the evidence as it is now.</param>
public sealed record StandardRow(Standard Standard, string Id, StandardAnswer Answer, string Link)
{
    public string Asks => Id + ".asks";

    public string Has => Id + ".has";

    /// <summary>All of them, in the order of the standards.</summary>
    public static readonly IReadOnlyList<StandardRow> All =
    [
        new(Standard.Nist, "ID.IM-P", StandardAnswer.Part, "/governance/records"),
        new(Standard.Nist, "ID.BE-P", StandardAnswer.Yours, "/governance/records"),
        new(Standard.Nist, "ID.RA-P", StandardAnswer.Part, "/governance/dpia"),
        new(Standard.Nist, "ID.DE-P", StandardAnswer.Part, "/governance/records"),
        new(Standard.Nist, "GV.PO-P", StandardAnswer.Part, "/privacy"),
        new(Standard.Nist, "GV.RM-P", StandardAnswer.Part, "/governance/committee"),
        new(Standard.Nist, "GV.AT-P", StandardAnswer.Part, "/staff/training"),
        new(Standard.Nist, "GV.MT-P", StandardAnswer.Part, "/governance/anomalies"),
        new(Standard.Nist, "CT.PO-P", StandardAnswer.Yes, "/governance/initiatives"),
        new(Standard.Nist, "CT.DM-P", StandardAnswer.Yes, "/governance/retention"),
        new(Standard.Nist, "CT.DP-P", StandardAnswer.Yes, "/governance/minimisation"),
        new(Standard.Nist, "CM.PO-P", StandardAnswer.Yes, "/privacy"),
        new(Standard.Nist, "CM.AW-P", StandardAnswer.Yes, "/notice"),
        new(Standard.Nist, "PR.PO-P", StandardAnswer.Part, "/admin/backups"),
        new(Standard.Nist, "PR.AC-P", StandardAnswer.Yes, "/admin/rights"),
        new(Standard.Nist, "PR.DS-P", StandardAnswer.Part, "/admin/encryption"),
        new(Standard.Nist, "PR.MA-P", StandardAnswer.Yours, "/admin"),
        new(Standard.Nist, "PR.PT-P", StandardAnswer.Part, "/governance/log/proofs"),
        new(Standard.Iso, "7.2.1", StandardAnswer.Yes, "/governance/records"),
        new(Standard.Iso, "7.2.2", StandardAnswer.Yes, "/governance/records"),
        new(Standard.Iso, "7.2.3", StandardAnswer.Yes, "/notice"),
        new(Standard.Iso, "7.2.4", StandardAnswer.Yes, "/governance/log"),
        new(Standard.Iso, "7.2.5", StandardAnswer.Part, "/governance/dpia"),
        new(Standard.Iso, "7.2.6", StandardAnswer.Part, "/governance/records"),
        new(Standard.Iso, "7.2.7", StandardAnswer.Part, "/governance/records"),
        new(Standard.Iso, "7.2.8", StandardAnswer.Yes, "/governance/records"),
        new(Standard.Iso, "7.3.1", StandardAnswer.Yes, "/admin/rights"),
        new(Standard.Iso, "7.3.2", StandardAnswer.Yes, "/privacy"),
        new(Standard.Iso, "7.3.3", StandardAnswer.Yes, "/notice"),
        new(Standard.Iso, "7.3.4", StandardAnswer.Yes, "/notice"),
        new(Standard.Iso, "7.3.5", StandardAnswer.Yes, "/notice"),
        new(Standard.Iso, "7.3.6", StandardAnswer.Yes, "/governance/retention"),
        new(Standard.Iso, "7.3.7", StandardAnswer.Part, "/admin/webhooks"),
        new(Standard.Iso, "7.3.8", StandardAnswer.Yes, "/notice"),
        new(Standard.Iso, "7.3.9", StandardAnswer.Part, "/admin/rights"),
        new(Standard.Iso, "7.3.10", StandardAnswer.Part, "/governance/fairness"),
        new(Standard.Iso, "7.4.1", StandardAnswer.Yes, "/governance/minimisation"),
        new(Standard.Iso, "7.4.2", StandardAnswer.Yes, "/governance/minimisation"),
        new(Standard.Iso, "7.4.3", StandardAnswer.Part, "/notice"),
        new(Standard.Iso, "7.4.4", StandardAnswer.Yes, "/governance/minimisation"),
        new(Standard.Iso, "7.4.5", StandardAnswer.Yes, "/governance/retention"),
        new(Standard.Iso, "7.4.6", StandardAnswer.Part, "/admin"),
        new(Standard.Iso, "7.4.7", StandardAnswer.Yes, "/governance/retention"),
        new(Standard.Iso, "7.4.8", StandardAnswer.Yes, "/admin/backups"),
        new(Standard.Iso, "7.4.9", StandardAnswer.Part, "/admin/keys"),
        new(Standard.Iso, "7.5.1", StandardAnswer.Part, "/governance/records"),
        new(Standard.Iso, "7.5.2", StandardAnswer.Yes, "/privacy"),
        new(Standard.Iso, "7.5.3", StandardAnswer.Part, "/governance/log"),
        new(Standard.Iso, "7.5.4", StandardAnswer.Part, "/governance/log"),
        new(Standard.Iso, "8.2", StandardAnswer.Yours, "/governance/records"),
        new(Standard.Iso, "8.3", StandardAnswer.Part, "/admin/rights"),
        new(Standard.Iso, "8.4", StandardAnswer.Part, "/governance/retention"),
        new(Standard.Iso, "8.5", StandardAnswer.Yours, "/governance/records"),
    ];
}
