using Candor.Kernel;
using Candor.Messages;
using Candor.Vault;

namespace Candor.Server.Hosting;

/// <summary>Where a small installation keeps all it has: the database and, unless told otherwise, the root key.</summary>
/// <remarks>The folder is the owner's alone (0700). Whoever copies the folder copies the key; production keeps the key elsewhere, with <c>CANDOR_ROOT_KEY</c>.</remarks>
public sealed class DataFolder
{
    public const string DefaultName = "candor-data";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private DataFolder(string path) => Path = path;

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, "candor.db");

    public string RootKey => Environment.GetEnvironmentVariable("CANDOR_ROOT_KEY") is { Length: > 0 } elsewhere ? elsewhere : System.IO.Path.Combine(Path, "root.key");

    /// <summary>Mail as files in <c>mail</c>, texts from <c>texts</c>.</summary>
    public MailSettings MailSettings => new() { Pickup = System.IO.Path.Combine(Path, "mail"), Texts = System.IO.Path.Combine(Path, "texts") };

    /// <summary>The business's own training modules; need not exist.</summary>
    public string Training => System.IO.Path.Combine(Path, "training");

    /// <summary>True when there is a database to start from.</summary>
    public bool IsMade => File.Exists(RootKey);

    public static DataFolder At(string path) => new(System.IO.Path.GetFullPath(path));

    /// <summary>The catalog as it was made; what counts is in the database.</summary>
    public string Catalog => System.IO.Path.Combine(Path, "candor.yaml");

    /// <exception cref="Fault">Conflict <c>server/already-made</c>.</exception>
    public void CheckNotMade()
    {
        if (IsMade)
        {
            throw new Fault(FaultKind.Conflict, "server/already-made", $"`{Path}` already holds a Candor installation; start it with `candor serve`, or name another folder with `--data`.");
        }
    }

    /// <summary>Makes the folder and a fresh root key.</summary>
    public RootKey Make()
    {
        CheckNotMade();
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path);
        }
        else
        {
            Directory.CreateDirectory(Path, OwnerOnly);
        }

        return Vault.RootKey.CreateFile(RootKey);
    }

    public RootKey LoadKey() => IsMade
        ? Vault.RootKey.Load(RootKey)
        : throw new Fault(FaultKind.NotFound, "server/not-made", $"There is no Candor installation in `{Path}`; `candor init` makes one, `candor demo` a sample shop.");
}
