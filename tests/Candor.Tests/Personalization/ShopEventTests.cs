using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Candor.Catalog;
using Candor.Personalization;
using Candor.Tests.Staff;
using CsCheck;

namespace Candor.Tests.Personalization;

public sealed class ShopEventTests
{
    private static readonly PurposeCatalog Shop = PurposeCatalog.Read(Candor.Tests.Catalog.ShopCatalog.Yaml, "shop.yaml");

    private static readonly Gen<JsonNode?> Value = Gen.OneOf(
        Choice.Of("", "tea", "Zoë's \"mug\"\n", "🫖", new string('x', 200), new string('x', 201)).Select(t => (JsonNode?)t),
        Gen.Int.Select(i => (JsonNode?)i), Gen.Bool.Select(b => (JsonNode?)b), Gen.Const((JsonNode?)null),
        Choice.Of("""{"product":"inside"}""", """["product",{"sku":"inside"}]""").Select(t => JsonNode.Parse(t)));

    private static readonly Gen<string> Name = Choice.Of("product", "item", "sku", "session", "visit", "order", "invoiceNumber", "category", "price", "Product", "note");

    [Fact]
    public void A_stored_record_says_the_same_in_one_pass_as_member_by_member() =>
        Gen.Select(Name, Value).Array[0, 8].Sample(members =>
        {
            var json = "{" + string.Join(",", members.Select(m => $"\"{m.Item1}\":{m.Item2?.ToJsonString() ?? "null"}")) + "}";
            var at = DateTimeOffset.UnixEpoch.AddDays(20_000);
            Assert.Equal(ShopEvent.Of(JsonElement.Parse(json), at, Shop), ShopEvent.Of(Encoding.UTF8.GetBytes(json), at, Shop));
        });

    [Theory]
    [InlineData("[]")]
    [InlineData("\"product\"")]
    [InlineData("null")]
    [InlineData("{}")]
    public void What_names_no_item_is_nothing(string json) => Assert.Null(ShopEvent.Of(Encoding.UTF8.GetBytes(json), DateTimeOffset.UnixEpoch, Shop));
}
