using System.Text.Json;
using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>candor.js on a business's own page, as its visitors meet it.</summary>
public sealed class ShopNoticeTests(ShopSite shop) : IClassFixture<ShopSite>
{
    private const string Suggestions = "in-session-recommendations";
    private const string Offers = "partner-offers";

    [Fact]
    public async Task Nothing_is_kept_or_sent_before_a_choice()
    {
        var visitor = await (await shop.VisitAsync(Look.Phone)).OpenAsync();
        await visitor.Strip.WaitForAsync();
        await visitor.Page.ClickAsync("#buy");
        Assert.False(await visitor.Page.EvaluateAsync<bool>("() => candor.track('pageViews', { page: '/x' })"));
        await visitor.Page.WaitForTimeoutAsync(2_500);
        Assert.Equal("", await visitor.AllKeptAsync());
        Assert.Empty(visitor.Asked.Where(a => !a.StartsWith("GET /candor", StringComparison.Ordinal)).Except(["GET /v1/web/notice"]));
        Assert.Single(visitor.Asked, a => a == "GET /v1/web/notice");
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task No_takes_one_click_as_yes_does_and_both_look_alike()
    {
        foreach (var (answer, isAllowed) in new[] { ("Refuse all", false), ("Allow all", true) })
        {
            var visitor = await (await shop.VisitAsync(Look.Phone)).OpenAsync();
            await visitor.AnswerAsync(visitor.Strip, answer);
            Assert.Equal(isAllowed, await visitor.AllowsAsync(Suggestions));
            Assert.Equal(isAllowed, (await visitor.KeptAsync())!.Contains("cdw_", StringComparison.Ordinal));
            await visitor.OpenAsync();
            Assert.False(await visitor.Strip.IsVisibleAsync());
            Assert.Equal(isAllowed, await visitor.AllowsAsync(Suggestions));
            Assert.Empty(visitor.Complaints);
        }

        var other = await (await shop.VisitAsync(Look.Phone)).OpenAsync();
        var looks = new List<string>();
        foreach (var name in new[] { "Refuse all", "Allow all" })
        {
            var button = other.Strip.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = name });
            var box = (await button.BoundingBoxAsync())!;
            looks.Add($"{box.Width:0} {box.Height:0} " + await button.EvaluateAsync<string>("b => { const s = getComputedStyle(b); return [s.color, s.backgroundColor, s.fontSize, s.fontWeight, s.borderColor].join() }"));
        }

        Assert.Equal(looks[0], looks[1]);
    }

    [Fact]
    public async Task The_dialog_keeps_the_focus_and_gives_it_back_and_escape_is_no_answer()
    {
        var visitor = await (await shop.VisitAsync(Look.Desktop)).OpenAsync();
        var link = visitor.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Privacy settings" });
        await link.FocusAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.Dialog.WaitForAsync();
        Assert.Equal("H2 dialog-title", await visitor.FocusAsync());
        var stops = new List<string>();
        for (var i = 0; i < 60 && (stops.Count < 2 || stops[^1] != stops[0]); i++)
        {
            await visitor.Page.Keyboard.PressAsync("Tab");
            stops.Add(await visitor.FocusAsync());
        }

        Assert.Equal("BUTTON ×", stops[0]);
        Assert.Equal(stops[0], stops[^1]);
        Assert.Equal(["BUTTON Refuse all", "BUTTON Allow all", "BUTTON Save my choices"], stops.TakeLast(4).SkipLast(1));
        Assert.Contains("INPUT purpose-newsletter", stops);
        await visitor.Page.Keyboard.PressAsync("Shift+Tab");
        Assert.Equal("BUTTON Save my choices", await visitor.FocusAsync());
        await visitor.Page.Keyboard.PressAsync("Escape");
        await visitor.Dialog.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Hidden });
        Assert.Equal("A Privacy settings", await visitor.FocusAsync());
        Assert.Equal("", await visitor.AllKeptAsync());
        Assert.DoesNotContain(visitor.Asked, a => a.StartsWith("POST", StringComparison.Ordinal));
        Assert.True(await visitor.Strip.IsVisibleAsync());
    }

    [Fact]
    public async Task The_keyboard_alone_is_enough_to_choose_one_by_one()
    {
        var visitor = await (await shop.VisitAsync(Look.Desktop)).OpenAsync();
        await visitor.Strip.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Choose one by one" }).FocusAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.Dialog.WaitForAsync();
        await TabToAsync(visitor, $"INPUT purpose-{Suggestions}");
        await visitor.Page.Keyboard.PressAsync("Space");
        await TabToAsync(visitor, "BUTTON Save my choices");
        await visitor.Page.RunAndWaitForResponseAsync(() => visitor.Page.Keyboard.PressAsync("Enter"), r => r.Url.EndsWith("/v1/web/choices", StringComparison.Ordinal) && r.Status == 200);
        await visitor.Dialog.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Hidden });
        Assert.True(await visitor.AllowsAsync(Suggestions));
        Assert.False(await visitor.AllowsAsync("newsletter"));
        Assert.True(await visitor.AllowsAsync("service-quality"));
    }

    [Fact]
    public async Task A_settings_link_opens_the_choices_as_they_stand_and_changes_them()
    {
        var visitor = await (await shop.VisitAsync(Look.Phone)).OpenAsync();
        await visitor.AnswerAsync(visitor.Strip, "Allow all");
        await visitor.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Your choices" }).ClickAsync();
        var newsletter = visitor.Dialog.GetByRole(AriaRole.Switch, new LocatorGetByRoleOptions { Name = "Our newsletter" });
        Assert.True(await newsletter.IsCheckedAsync());
        await newsletter.ClickAsync();
        await visitor.AnswerAsync(visitor.Dialog, "Save my choices");
        Assert.False(await visitor.AllowsAsync("newsletter"));
        Assert.True(await visitor.AllowsAsync(Suggestions));
        await visitor.OpenAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Privacy settings" }).ClickAsync();
        Assert.False(await newsletter.IsCheckedAsync());
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task What_is_tracked_is_stored_after_a_yes_and_nowhere_after_a_withdrawal()
    {
        var visitor = await (await shop.VisitAsync(Look.Phone)).OpenAsync();
        await visitor.AnswerAsync(visitor.Strip, "Allow all");
        Assert.Equal("stored", await TrackAsync(visitor, "own-1"));
        Assert.Equal("duplicate", await TrackAsync(visitor, "own-1"));

        // Switched off on another page: this one learns of it, by the other page or by the server's answer, and sends nothing.
        var second = await visitor.Context.NewPageAsync();
        await visitor.OpenAsync("/second", second);
        var before = visitor.Asked.Count(a => a == "POST /v1/web/events");
        await second.EvaluateAsync("p => candor.choose({ [p]: false })", Suggestions);
        await visitor.Page.WaitForFunctionAsync("p => !candor.allows(p)", Suggestions);
        Assert.False(await visitor.Page.EvaluateAsync<bool>("() => candor.track('pageViews', { page: '/late' })"));
        await visitor.Page.WaitForTimeoutAsync(2_500);
        Assert.Equal(before, visitor.Asked.Count(a => a == "POST /v1/web/events"));

        // And should a page not know yet, the server does.
        var refused = await visitor.Page.EvaluateAsync<JsonElement>(
            """
            async server => (await (await fetch(server + "/v1/web/events", { method: "POST", headers: { "content-type": "application/json",
              authorization: "Bearer " + JSON.parse(localStorage.getItem("candor")).session }, body: JSON.stringify({ events: [{ dataPoint: "pageViews", id: "own-2", age: 0, data: 1 }] }) })).json())
            """, shop.Server);
        Assert.Equal("not-needed", refused.GetProperty("events")[0].GetProperty("result").GetString());
    }

    [Fact]
    public async Task Global_Privacy_Control_is_honoured_and_said_to_be()
    {
        var visitor = await (await shop.VisitAsync(Look.Phone, gpc: true)).OpenAsync();
        Assert.Contains("Opt-Out Request Honored", await visitor.Strip.InnerTextAsync(), StringComparison.Ordinal);
        await visitor.AnswerAsync(visitor.Strip, "Allow all");
        Assert.True(await visitor.AllowsAsync(Suggestions));
        Assert.False(await visitor.AllowsAsync(Offers));

        await visitor.Page.ClickAsync("[data-candor-settings]");
        Assert.Equal(2, await visitor.Dialog.GetByText("Opt-Out Request Honored").CountAsync());
        await visitor.Dialog.GetByRole(AriaRole.Switch, new LocatorGetByRoleOptions { Name = "Offers of partners" }).ClickAsync();
        await visitor.AnswerAsync(visitor.Dialog, "Save my choices");
        await visitor.OpenAsync();
        Assert.True(await visitor.AllowsAsync(Offers));
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task Googles_tags_are_told_no_first_and_then_what_was_chosen()
    {
        var visitor = await (await shop.VisitAsync(Look.Phone)).OpenAsync();
        await visitor.AnswerAsync(visitor.Strip, "Allow all");
        var layer = await visitor.Page.EvaluateAsync<JsonElement>("() => dataLayer.map(a => [...a])");
        var first = layer[0];
        Assert.Equal(("consent", "default", "denied"), (first[0].GetString(), first[1].GetString(), first[2].GetProperty("personalization_storage").GetString()));
        var last = layer[layer.GetArrayLength() - 1];
        Assert.Equal(("update", "granted", "denied"), (last[1].GetString(), last[2].GetProperty("personalization_storage").GetString(), last[2].GetProperty("ad_storage").GetString()));
    }

    [Fact]
    public async Task The_notice_speaks_the_language_of_the_page()
    {
        var visitor = await (await shop.VisitAsync(Look.Phone)).OpenAsync("/de");
        Assert.Contains("Alles ablehnen", await visitor.Strip.InnerTextAsync(), StringComparison.Ordinal);
        await visitor.AnswerAsync(visitor.Strip, "Alles erlauben");
        Assert.True(await visitor.AllowsAsync(Suggestions));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // Which adds a paragraph and marks.
    public async Task The_notice_is_accessible_in_every_state(bool gpc)
    {
        var visitor = await (await shop.VisitAsync(Look.Phone, gpc, forAxe: true)).OpenAsync();
        await Axe.CheckAsync(visitor.Page, "strip");
        await visitor.PressAsync(visitor.Strip, "Choose one by one");
        await visitor.Dialog.WaitForAsync();
        await Axe.CheckAsync(visitor.Page, "dialog");
        await visitor.Dialog.GetByText("What we use").First.ClickAsync();
        await visitor.Dialog.GetByRole(AriaRole.Switch).First.ClickAsync();
        await Axe.CheckAsync(visitor.Page, "dialog with a section open");
    }

    private static async Task TabToAsync(ShopVisitor visitor, string stop)
    {
        for (var i = 0; i < 60; i++)
        {
            await visitor.Page.Keyboard.PressAsync("Tab");
            if (await visitor.FocusAsync() == stop)
            {
                return;
            }
        }

        Assert.Fail($"The tab key does not lead to {stop}.");
    }

    /// <summary>Tracks one page view; what the server made of it.</summary>
    private static async Task<string?> TrackAsync(ShopVisitor visitor, string id)
    {
        var response = await visitor.Page.RunAndWaitForResponseAsync(
            () => visitor.Page.EvaluateAsync<bool>("id => candor.track('pageViews', { page: '/scarves' }, { id })", id),
            r => r.Url.EndsWith("/v1/web/events", StringComparison.Ordinal) && r.Request.PostData!.Contains(id, StringComparison.Ordinal));
        return (await response.JsonAsync())!.Value.GetProperty("events").EnumerateArray().Single(e => e.GetProperty("id").GetString() == id).GetProperty("result").GetString();
    }
}
