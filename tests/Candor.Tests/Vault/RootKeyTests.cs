using Candor.Kernel;
using Candor.Vault;

namespace Candor.Tests.Vault;

public sealed class RootKeyTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-key-");

    private string Path => System.IO.Path.Combine(folder.FullName, "root.key");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_new_key_file_is_its_owners_alone_and_is_never_replaced()
    {
        RootKey.CreateFile(Path);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Path) == UnixFileMode.UserRead);
        Assert.Equal("vault/root-key-exists", Assert.Throws<Fault>(() => RootKey.CreateFile(Path)).What);
        RootKey.Load(Path);
    }

    [Fact]
    public void A_key_file_that_others_can_read_is_refused()
    {
        RootKey.CreateFile(Path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        }

        Assert.Equal("vault/root-key-open", Assert.Throws<Fault>(() => RootKey.Load(Path)).What);
    }

    [Fact]
    public void A_missing_key_file_is_named() => Assert.Contains(Path, Assert.Throws<Fault>(() => RootKey.Load(Path)).Message, StringComparison.Ordinal);
}
