using System.Globalization;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>One TCP socket of the network that a process lives in, as the kernel lists it.</summary>
internal sealed record TcpTable(int LocalPort, int RemotePort, int State)
{
    private const int Established = 1;
    private const int SynSent = 2;
    private const int Listen = 10;

    public bool IsListening => State == Listen;

    public bool IsOpen => State is Established or SynSent;

    public static IReadOnlyList<TcpTable> Of(int processId)
    {
        var rows = new List<TcpTable>();
        foreach (string family in new[] { "tcp", "tcp6" })
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/net/{family}");
            foreach (string line in File.ReadLines(path).Skip(1))
            {
                string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                rows.Add(new TcpTable(Port(words[1]), Port(words[2]), Hex(words[3])));
            }
        }

        return rows;
    }

    private static int Port(string endPoint) => Hex(endPoint[(endPoint.IndexOf(':', StringComparison.Ordinal) + 1)..]);

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
