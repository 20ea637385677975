using System.Management.Automation;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Tests;

public sealed class FaultCategoriesTests
{
    [Fact]
    public void Every_fault_has_a_category_of_its_own_choosing() =>
        Assert.All(Enum.GetValues<FaultCode>(), code => Assert.True(FaultCategories.Of(code) != ErrorCategory.NotSpecified, code.ToString()));

    [Theory]
    [InlineData(FaultCode.EngineNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData(FaultCode.PortInUse, ErrorCategory.ResourceUnavailable)]
    [InlineData(FaultCode.PeerNotTrusted, ErrorCategory.SecurityError)]
    [InlineData(FaultCode.ConnectTimedOut, ErrorCategory.OperationTimeout)]
    [InlineData(FaultCode.StoreDamaged, ErrorCategory.InvalidData)]
    [InlineData(FaultCode.DirectionConflict, ErrorCategory.InvalidOperation)]
    public void A_fault_has_the_category_that_scripts_know(FaultCode code, ErrorCategory category) =>
        Assert.Equal(category, FaultCategories.Of(code));
}
