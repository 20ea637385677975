using System.Security.Cryptography;
using System.Text;

namespace ScanEngineAdmin.Topology;

/// <summary>A style sheet or script of this folder, as every page carries the same.</summary>
internal static class PageAsset
{
    /// <summary>The text, with the line ends that an HTML parser makes of any: the hash is of these.</summary>
    public static string Read(string name)
    {
        using Stream stream = typeof(PageAsset).Assembly.GetManifestResourceStream($"Topology/{name}")
            ?? throw new InvalidOperationException($"The assembly was built without {name}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    /// <summary>The source expression by which a Content-Security-Policy allows the text, and no other.</summary>
    public static string Hash(string text) =>
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";
}
