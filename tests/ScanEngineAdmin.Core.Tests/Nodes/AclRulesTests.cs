using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>The rules on Windows' access lists, which need no Windows.</summary>
public sealed class AclRulesTests
{
    private const string Self = "S-1-5-21-1-2-3-1001";
    private const string Users = "S-1-5-32-545";
    private const string Everybody = "S-1-1-0";
    private const string CreatorOwner = "S-1-3-0";
    private const uint Full = 0x1F01FF;
    private const uint ReadAndExecute = 0x1200A9;
    private const uint Modify = 0x1301BF;

    [Fact]
    public void What_this_product_makes_is_safe()
    {
        AclEntry[] made = [Allow(Self, Full), Allow(AclRules.Administrators, Full), Allow(AclRules.System, Full)];
        Assert.Null(AclRules.OtherWriter(made, Self));
        Assert.Null(AclRules.OtherReader(made, Self));
    }

    [Theory]
    [InlineData(0x2u)]
    [InlineData(0x4u)]
    [InlineData(0x6u)]
    [InlineData(0x40u)]
    [InlineData(0x10000u)]
    [InlineData(0x40000u)]
    [InlineData(0x80000u)]
    [InlineData(0x10000000u)]
    [InlineData(0x40000000u)]
    [InlineData(Modify)]
    public void Whoever_may_add_change_remove_or_take_it_over_is_named(uint rights) =>
        Assert.Equal(Users, AclRules.OtherWriter([Allow(Self, Full), Allow(Users, rights)], Self));

    [Fact]
    public void What_ProgramData_hands_down_is_not_safe()
    {
        AclEntry[] inherited =
        [
            Allow(AclRules.System, Full), Allow(AclRules.Administrators, Full),
            new AclEntry(CreatorOwner, true, 0x10000000, OnlyHandedDown: true),
            Allow(Users, ReadAndExecute), Allow(Users, 0x116),
        ];
        Assert.Equal(Users, AclRules.OtherWriter(inherited, Self));
        Assert.Equal(Users, AclRules.OtherReader(inherited, Self));
    }

    [Fact]
    public void Who_may_only_read_writes_nothing_but_reads_a_key()
    {
        AclEntry[] open = [Allow(Self, Full), Allow(Everybody, ReadAndExecute)];
        Assert.Null(AclRules.OtherWriter(open, Self));
        Assert.Equal(Everybody, AclRules.OtherReader(open, Self));
    }

    [Fact]
    public void A_denial_gives_nobody_rights_and_takes_none_of_ours()
    {
        Assert.Null(AclRules.OtherWriter([new AclEntry(Users, false, Full, false), Allow(Self, Full)], Self));
        Assert.Equal(Users, AclRules.OtherWriter([new AclEntry(Users, false, 0x2, false), Allow(Users, Full)], Self));
    }

    [Fact]
    public void What_is_only_handed_down_to_others_counts_for_what_is_made_there() =>
        Assert.Equal(Users, AclRules.OtherWriter([new AclEntry(Users, true, Modify, OnlyHandedDown: true)], Self));

    [Theory]
    [InlineData(Self, true)]
    [InlineData(AclRules.System, true)]
    [InlineData(AclRules.Administrators, true)]
    [InlineData("S-1-5-21-1-2-3-1002", false)]
    [InlineData(Users, false)]
    [InlineData("", false)]
    public void Only_the_user_the_administrators_and_the_system_may_own_it(string owner, bool ours) =>
        Assert.Equal(ours, AclRules.IsOurs(owner, Self));

    private static AclEntry Allow(string sid, uint rights) => new(sid, true, rights, OnlyHandedDown: false);
}
