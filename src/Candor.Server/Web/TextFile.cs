using System.Text;

namespace Candor.Server.Web;

/// <summary>A text that browsers keep as a file.</summary>
internal static class TextFile
{
    /// <param name="type">Media type, without the encoding.</param>
    public static IResult Answer(string text, string type, string name) => TypedResults.File(Encoding.UTF8.GetBytes(text), type + "; charset=utf-8", name);
}
