namespace ScanEngineAdmin.Core.Pairing;

/// <summary>A message in which a node that nobody trusts yet says who it is; read by people later.</summary>
internal interface IIntroduction
{
    string Name { get; }

    string Product { get; }
}
