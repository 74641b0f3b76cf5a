using System.CommandLine;
using Candor.Kernel;
using Candor.Messages;

namespace Candor.Server.Commands;

/// <summary><c>candor texts list|show|export</c>: the words of the messages to customers.</summary>
internal static class TextsCommand
{
    public static Command Make() => new("texts", "The words of the messages to customers.") { MakeList(), MakeShow(), MakeExport() };

    private static Command MakeList()
    {
        var command = new Command("list", "Show the texts, and which of them are replaced; says what is wrong with one that cannot be used.") { Shared.Data };
        command.Runs((parsed, _) =>
        {
            foreach (var text in Open(parsed).List())
            {
                Shared.Results.WriteLine($"{text.Template,-20}  {text.Language}  {(text.IsReplaced ? "replaced" : "as shipped"),-10}  {string.Join(' ', TemplateBlanks.Of(text.Template).Order(StringComparer.Ordinal).Select(b => $"{{{b}}}"))}");
            }

            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Command MakeShow()
    {
        var template = new Argument<string>("template") { Description = "Such as choice-changed; `frame` is what stands around every message." };
        var language = new Option<string>("--language") { Description = "Such as en.", DefaultValueFactory = _ => "en" };
        var command = new Command("show", "Show one text as it counts.") { template, language, Shared.Data };
        command.Runs((parsed, _) =>
        {
            Shared.Results.Write(Open(parsed).Source(parsed.GetValue(template)!, parsed.GetValue(language)!));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Command MakeExport()
    {
        var command = new Command("export", "Write the texts that ship into the folder `texts`, to be changed there. Files that are there stay as they are.") { Shared.Data };
        command.Runs(async (parsed, ct) =>
        {
            var folder = Shared.Settings(parsed).Folder;
            folder.LoadKey();
            Directory.CreateDirectory(folder.MailSettings.Texts);
            foreach (var (file, text) in MessageTexts.Ready())
            {
                var path = Path.Combine(folder.MailSettings.Texts, file);
                if (!File.Exists(path))
                {
                    await File.WriteAllTextAsync(path, text, ct);
                    Shared.Results.WriteLine(path);
                }
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static MessageTexts Open(ParseResult parsed) => MessageTexts.Open(Shared.Settings(parsed).Folder.MailSettings.Texts);
}
