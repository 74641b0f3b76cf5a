namespace Candor.Server.Pages.Demo;

/// <summary>What the sample shop shows to try the API with.</summary>
/// <param name="Key">API key of the sample shop's service.</param>
/// <param name="Notice">Version of the current notice.</param>
/// <param name="Reference">A customer who has agreed to suggestions.</param>
public sealed record DemoKeys(string Key, string Notice, string Reference)
{
    public const string Purpose = "in-session-recommendations";

    /// <summary>Commands for a terminal: read, withdraw, read again, agree again.</summary>
    public string Commands(string address) =>
        $$"""
        KEY={{Key}}
        curl -s -H "Authorization: Bearer $KEY" "{{address}}/v1/customers/{{Reference}}?purpose={{Purpose}}&fields=purchases&limit=2"
        curl -s -X PUT -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" -d '{"state":"withdrawn"}' {{address}}/v1/customers/{{Reference}}/consents/{{Purpose}}
        curl -s -H "Authorization: Bearer $KEY" "{{address}}/v1/customers/{{Reference}}?purpose={{Purpose}}&fields=purchases"
        curl -s -X PUT -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" -d '{"state":"given","notice":"{{Notice}}"}' {{address}}/v1/customers/{{Reference}}/consents/{{Purpose}}
        """;
}
