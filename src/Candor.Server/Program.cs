using System.CommandLine;
using Candor.Server.Commands;

var root = new RootCommand("Candor: customer data that is read only for a purpose the customer allows.")
{
    DemoCommand.Make(),
    InitCommand.Make(),
    ServeCommand.Make(),
    ImportCommand.Make(),
    CatalogCommand.Make(),
    InitiativeCommand.Make(),
    KeyCommand.Make(),
    StaffCommand.Make(),
    TrainingCommand.Make(),
    RequestCommand.Make(),
    CorrectionCommand.Make(),
    AuditCommand.Make(),
    WitnessCommand.Make(),
    FairnessCommand.Make(),
    TextsCommand.Make(),
    WebhookCommand.Make(),
    EraseCommand.Make(),
    HeldCommand.Make(),
    BackupCommand.Make(),
    RestoreCommand.Make(),
    EvaluateCommand.Make(),
    OutcomesCommand.Make(),
    TrustCommand.Make(),
    RetentionCommand.Make(),
    MinimisationCommand.Make(),
    ExportCommand.Make(),
    DoctorCommand.Make(),
};
var parsed = root.Parse(args);
var code = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? ExitCode.WrongUse : code;
