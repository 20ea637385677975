namespace ScanEngineAdmin.Channel.Wire;

/// <summary>
/// What a frame is. The numbers are on the wire; 0x80 to 0xFF may be skipped by who does not know them.
/// </summary>
internal enum FrameKind : byte
{
    Hello = 0x01,
    Welcome = 0x02,
    Refuse = 0x03,
    Pair = 0x04,
    Goodbye = 0x0F,
    Open = 0x10,
    Data = 0x11,
    Credit = 0x12,
    End = 0x13,
    Reset = 0x14,
    Request = 0x20,
    Reply = 0x21,
    Fault = 0x22,
    Cancel = 0x23,
    Ping = 0x30,
    Pong = 0x31,
}
