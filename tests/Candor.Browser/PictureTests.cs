using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>Pictures of the pages. With <c>CANDOR_PICTURES=1</c> they replace those of the documentation.</summary>
public sealed class PictureTests(Site site)
{
    [Theory]
    [InlineData("me", "/me", 1280, false)]
    [InlineData("me-phone-dark", "/me", 390, true)]
    [InlineData("me-choices", "/me/choices", 1280, false)]
    [InlineData("me-looks", "/me/looks", 1280, true)]
    [InlineData("me-data-phone", "/me/data", 390, false)]
    [InlineData("me-why", "/me/why", 1280, false)]
    [InlineData("demo", "/demo", 1280, false)]
    public async Task A_page_can_be_photographed(string name, string path, int width, bool dark)
    {
        var page = await site.VisitAsync(new Look(width, dark));
        if (name != "demo")
        {
            await page.SignInAsync(0);
        }

        await page.GotoAsync(path);
        await KeepAsync(page, name);
    }

    [Theory]
    [InlineData("desk", "Sam Sample", "/desk", 1280, false)]
    [InlineData("log", "Ollie Audit", "/governance/log", 1280, false)]
    public async Task A_page_of_staff_can_be_photographed(string name, string person, string path, int width, bool dark)
    {
        var page = await site.VisitAsync(new Look(width, dark));
        await page.SitDownAsync(person);
        if (path == "/desk")
        {
            await page.FindAsync("c-0004", "T-1");
        }
        else
        {
            await page.GotoAsync(path);
        }

        await KeepAsync(page, name);
    }

    private static async Task KeepAsync(IPage page, string name)
    {
        var picture = await page.PhotographAsync(new PageScreenshotOptions { Animations = ScreenshotAnimations.Disabled });
        Assert.True(picture.Length > 10_000, $"The picture has only {picture.Length} bytes.");
        if (Environment.GetEnvironmentVariable("CANDOR_PICTURES") == "1")
        {
            await File.WriteAllBytesAsync(Path.Combine(ImageFolder(), name + ".png"), picture, TestContext.Current.CancellationToken);
        }
    }

    private static string ImageFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Candor.slnx")))
        {
            folder = folder.Parent!;
        }

        return Directory.CreateDirectory(Path.Combine(folder.FullName, "docs", "images")).FullName;
    }
}
