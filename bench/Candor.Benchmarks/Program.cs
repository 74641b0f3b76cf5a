using Candor.Benchmarks;

// Modes of bench/run.sh. STORE is a data folder, or a PostgreSQL connection string.
const string Use =
    """
    bare URL               a Kestrel route that answers JSON and does nothing else
    seed STORE COUNT       customers with a name, an e-mail address and a consent; prints the API key to read them with
    decision               one decision of the gate
    events STORE           events collected, sealed and durable
    withdrawal STORE       a withdrawal until it is confirmed
    me STORE               the first page of My Data & Privacy
    rights STORE           milliseconds of the access report and of the erasure of a customer with 10,000 events
    suggestions CLICKS     session suggestions on made-up visits, in process
    needs CUSTOMERS        next needs on made-up purchases, in process
    suggestions-http N     explained suggestions over HTTP at 1,000 a second, open loop, without the gate's commit, on N made-up clicks
    quality FOLDER         hit rates and the like on the public data sets in this folder
    seed-clicks FOLDER N   customers who agreed to suggestions and N clicks of theirs, on SQLite
    models STORE           the models made from a store of clicks: time, memory, answers, forgetting
    trust STORE            the report about trust over three years of made-up counts of days
    verify STORE           the whole log checked against its head
    fairness               an audit of 1,000,000 people, and 1,000 bootstraps
    """;

switch (args)
{
    case ["bare", var url]:
        BareServer.Run(url);
        return 0;
    case ["decision"]:
        DecisionSpeed.Run();
        return 0;
    case ["fairness"]:
        FairnessSpeed.Run();
        return 0;
    case ["seed", var store, var count]:
        await using (var platform = await Platform.OpenAsync(store))
        {
            await new Seeder(platform, store).RunAsync(int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
        }

        return 0;
    case ["events", var store]:
        await using (var platform = await Platform.OpenAsync(store))
        {
            await EventSpeed.RunAsync(platform);
        }

        return 0;
    case ["withdrawal", var store]:
        await using (var platform = await Platform.OpenAsync(store))
        {
            await WithdrawalSpeed.RunAsync(platform);
        }

        return 0;
    case ["me", var store]:
        await using (var platform = await Platform.OpenAsync(store))
        {
            await MeSpeed.RunAsync(platform);
        }

        return 0;
    case ["rights", var store]:
        await using (var platform = await Platform.OpenAsync(store))
        {
            await RightsSpeed.RunAsync(platform);
        }

        return 0;
    case ["suggestions", var clicks]:
        SuggestionSpeed.Run(int.Parse(clicks, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    case ["needs", var customers]:
        NeedSpeed.Run(int.Parse(customers, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    case ["suggestions-http", var clicks]:
        SuggestionServer.Run(int.Parse(clicks, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    case ["serve-suggestions", var url, var clicks]:
        SuggestionServer.Serve(url, int.Parse(clicks, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    case ["quality", var folder]:
        QualityFigures.Run(folder);
        return 0;
    case ["seed-clicks", var store, var count]:
        await using (var platform = await Platform.OpenAsync(store))
        {
            await new ClickSeeder(platform).RunAsync(int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
        }

        return 0;
    case ["models", var store]:
        await using (var platform = await Platform.OpenAsync(store))
        {
            await ModelSpeed.RunAsync(platform);
        }

        return 0;
    case ["trust", var store]:
        await using (var platform = await Platform.OpenAsync(store))
        {
            await TrustSpeed.RunAsync(platform);
        }

        return 0;
    case ["verify", var store]:
        await using (var platform = await Platform.OpenAsync(store))
        {
            await VerifySpeed.RunAsync(platform);
        }

        return 0;
    default:
        Console.Error.WriteLine(Use);
        return 2;
}
