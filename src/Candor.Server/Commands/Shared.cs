using System.CommandLine;
using Candor.Kernel;
using Candor.Server.Hosting;
using Spectre.Console;

namespace Candor.Server.Commands;

/// <summary>What a command tells the shell.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Refused, or what was checked is wanting.</summary>
    public const int Refused = 1;

    public const int WrongUse = 2;
}

/// <summary>Options that several commands have, and how a command runs.</summary>
internal static class Shared
{
    public static readonly Option<string> Data = new("--data") { Description = "Folder of the installation.", DefaultValueFactory = _ => DataFolder.DefaultName, Recursive = true };

    public static readonly Option<string?> Postgres = new("--postgres")
    {
        Description = "PostgreSQL connection string instead of SQLite; also CANDOR_POSTGRES.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CANDOR_POSTGRES"),
    };

    public static readonly Option<string> Urls = new("--urls") { Description = "Where to listen.", DefaultValueFactory = _ => "http://localhost:5080" };

    public static readonly Option<string?> SiteUrl = new("--site") { Description = "Address under which customers reach this installation; the first of --urls unless set." };

    public static readonly Option<int> Rate = new("--rate") { Description = "Requests a second answered for one key or address.", DefaultValueFactory = _ => 500 };

    /// <summary>Output for people; goes to standard error so that results can be piped.</summary>
    public static readonly IAnsiConsole Notes = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    public static readonly TextWriter Results = Console.Out;

    /// <summary>Runs a command: a fault is one sentence, an interruption is quiet, and nobody sees a stack trace.</summary>
    public static void Runs(this Command command, Func<ParseResult, CancellationToken, Task<int>> action) => command.SetAction(async (parsed, ct) =>
    {
        try
        {
            return await action(parsed, ct);
        }
        catch (Fault fault)
        {
            // Not through the console library, which breaks lines at 80 characters when piped.
            Console.Error.WriteLine(fault.Message);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            Console.Error.WriteLine("Interrupted. What was finished is kept; run the same command again to go on.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
        }
        catch (Exception e) when (Environment.GetEnvironmentVariable("CANDOR_TRACE") is null)
        {
            Console.Error.WriteLine($"This is a bug in Candor ({e.GetType().Name}). Nothing was half done. Set CANDOR_TRACE=1 to see where, and report it.");
        }

        return ExitCode.Refused;
    });

    public static HostSettings Settings(ParseResult parsed, string? site = null) =>
        new(DataFolder.At(parsed.GetValue(Data)!), parsed.GetValue(Postgres), new Uri(site ?? "http://localhost:5080"));

    /// <summary>Opens an installation that was made before.</summary>
    public static Task<CandorHost> OpenAsync(HostSettings settings, CancellationToken ct) => CandorHost.OpenAsync(settings, settings.Folder.LoadKey(), ct);

    /// <summary>Runs work with a progress bar on a terminal, and quietly elsewhere.</summary>
    public static async Task<T> WithProgressAsync<T>(string what, Func<Action<double, string>, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
        {
            return await work((_, _) => { });
        }

        return await Notes.Progress().HideCompleted(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(what);
                return await work((share, text) =>
                {
                    task.Value = share * 100;
                    task.Description = Markup.Escape(text);
                });
            });
    }
}
