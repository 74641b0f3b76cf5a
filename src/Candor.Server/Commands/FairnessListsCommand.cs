using System.CommandLine;
using Candor.Fairness;

namespace Candor.Server.Commands;

/// <summary><c>candor fairness lists FILE</c>: suggestions of any recommender by group of customers, the price level they lead to, and which items and sellers are seen.</summary>
internal static class FairnessListsCommand
{
    private static readonly Argument<FileInfo> Source = new("file") { Description = "CSV file, plain or gzip, one row a suggested item; a customer without any is a row with an empty item." };
    private static readonly Option<string[]> Group = new("--group") { Description = "Column of groups; a*b for the intersection of two. May be given several times.", Required = true, AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string> Customer = new("--customer") { Description = "Column of the customer, any identifier.", DefaultValueFactory = _ => "customer" };
    private static readonly Option<string> Rank = new("--rank") { Description = "Column of the item's place in the list, from 1.", DefaultValueFactory = _ => "rank" };
    private static readonly Option<string> Item = new("--item") { Description = "Column of the item.", DefaultValueFactory = _ => "item" };
    private static readonly Option<string?> Came = new("--came") { Description = "Column of whether the item was then looked at or bought: 1 and 0, true and false, yes and no. The column came where there is one." };
    private static readonly Option<string?> Price = new("--price") { Description = "Column of the item's price. The column price where there is one." };
    private static readonly Option<string?> Seller = new("--seller") { Description = "Column of the item's seller. The column seller where there is one." };
    private static readonly Option<string?> SellerGroup = new("--seller-group") { Description = "Column of what the seller belongs to, such as small and large. The column sellerGroup where there is one." };
    private static readonly Option<int> Length = new("--length") { Description = "Places of a list that are looked at.", DefaultValueFactory = _ => ListPlan.DefaultLength };
    private static readonly Option<double> MinRatio = new("--min-ratio") { Description = "Limit: hit rate of a group / that of the group with the largest, 0 for none.", DefaultValueFactory = _ => 0.8 };
    private static readonly Option<double> MaxPriceGap = new("--max-price-gap") { Description = "Limit: difference of the price level to all others, 0 to 1, that is let pass also when it is sure.", DefaultValueFactory = _ => 0 };
    private static readonly Option<int> MinGroup = new("--min-group") { Description = "Smaller groups are shown as too few and not compared.", DefaultValueFactory = _ => AuditPlan.DefaultMinimum };
    private static readonly Option<string?> Json = new("--json") { Description = "Write all figures to this file." };

    public static Command Make()
    {
        var command = new Command("lists", "Compare suggestions between groups of customers, and say who is seen in them. Exit code 1 when a group is led to other prices beyond doubt, or the limit of the hit rate is broken together with its 95 % interval.")
        {
            Source, Group, Customer, Rank, Item, Came, Price, Seller, SellerGroup, Length, MinRatio, MaxPriceGap, MinGroup, Json,
        };
        command.Runs(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var columns = new ListColumns(
            parsed.GetValue(Group)!, parsed.GetValue(Customer)!, parsed.GetValue(Rank)!, parsed.GetValue(Item)!, parsed.GetValue(Came), parsed.GetValue(Price), parsed.GetValue(Seller), parsed.GetValue(SellerGroup));
        var plan = new ListPlan(parsed.GetValue(Length), parsed.GetValue(MinRatio), parsed.GetValue(MaxPriceGap), parsed.GetValue(MinGroup));
        plan.Check();
        var audit = await Task.Run(() => ListAudit.Of(new ListFile(parsed.GetValue(Source)!.ToString(), columns).Read(ct), columns.Groupings, plan), ct);
        ListAuditText.Print(audit);
        if (parsed.GetValue(Json) is { } file)
        {
            await File.WriteAllTextAsync(file, ListAuditText.Json(audit), ct);
        }

        return audit.IsBroken ? ExitCode.Refused : ExitCode.Done;
    }
}
