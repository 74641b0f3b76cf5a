using System.Text.Json;
using System.Text.Json.Serialization;
using Candor.Server.Endpoints;
using Microsoft.AspNetCore.Mvc;

namespace Candor.Server.Web;

/// <summary>JSON of the API: camelCase, unknown members refused, depth 16.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, MaxDepth = 16,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(Microsoft.AspNetCore.Http.HttpValidationProblemDetails))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(EventsBody))]
[JsonSerializable(typeof(EventsAnswer))]
[JsonSerializable(typeof(ProfileAnswer))]
[JsonSerializable(typeof(ConsentBody))]
[JsonSerializable(typeof(ConsentAnswer))]
[JsonSerializable(typeof(ConsentsAnswer))]
[JsonSerializable(typeof(HeldAnswer))]
[JsonSerializable(typeof(PurposeDataAnswer))]
[JsonSerializable(typeof(NoticeAnswer))]
[JsonSerializable(typeof(CatalogAnswer))]
[JsonSerializable(typeof(SuggestionsAnswer))]
[JsonSerializable(typeof(TogetherAnswer))]
[JsonSerializable(typeof(BriefAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(WebNoticeAnswer))]
[JsonSerializable(typeof(WebSurveyAnswer))]
[JsonSerializable(typeof(WebChoicesBody))]
[JsonSerializable(typeof(WebChoicesAnswer))]
[JsonSerializable(typeof(WebEventsBody))]
[JsonSerializable(typeof(GpcAnswer))]
[JsonSerializable(typeof(IdentifyBody))]
[JsonSerializable(typeof(IdentifyAnswer))]
[JsonSerializable(typeof(RequestBody))]
[JsonSerializable(typeof(RequestActBody))]
[JsonSerializable(typeof(RequestAnswer))]
[JsonSerializable(typeof(RequestsAnswer))]
[JsonSerializable(typeof(Candor.Server.Pages.Demo.ShopToken))]
[JsonSerializable(typeof(string))]
internal sealed partial class JsonContext : JsonSerializerContext;
