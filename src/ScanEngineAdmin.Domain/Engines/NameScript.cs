using System.Globalization;

namespace ScanEngineAdmin.Domain.Engines;

/// <summary>
/// The letters that a name may be written with, and what looks alike among them, after the ideas of Unicode's UTS 39:
/// letters of one script, none that is invisible, none that is another one in disguise.
/// </summary>
internal static class NameScript
{
    private const string Japanese = "Japanese or Chinese";

    // Letters as people write names with; what is left out is historic, a symbol, or has no shape of its own.
    private static readonly (char First, char Last, string Script)[] Letters =
    [
        ('A', 'Z', "Latin"), ('a', 'z', "Latin"), ('\u00C0', '\u00D6', "Latin"), ('\u00D8', '\u00F6', "Latin"),
        ('\u00F8', '\u017E', "Latin"), ('\u0180', '\u01BF', "Latin"), ('\u01CD', '\u024F', "Latin"),
        ('\u1E00', '\u1EFF', "Latin"), ('\u0370', '\u03FF', "Greek"), ('\u0400', '\u052F', "Cyrillic"),
        ('\u0531', '\u0587', "Armenian"), ('\u0904', '\u0939', "Devanagari"), ('\u0985', '\u09B9', "Bengali"),
        ('\u0A85', '\u0AB9', "Gujarati"), ('\u0B85', '\u0BB9', "Tamil"), ('\u0C05', '\u0C39', "Telugu"),
        ('\u0C85', '\u0CB9', "Kannada"), ('\u0D05', '\u0D3A', "Malayalam"), ('\u0E01', '\u0E30', "Thai"),
        ('\u10D0', '\u10F0', "Georgian"), ('\u1200', '\u135A', "Ethiopic"), ('\u1780', '\u17A2', "Khmer"),
        ('\u3041', '\u3096', Japanese), ('\u30A1', '\u30FA', Japanese), ('\u30FC', '\u30FC', Japanese),
        ('\u3005', '\u3005', Japanese), ('\u3400', '\u4DBF', Japanese), ('\u4E00', '\u9FFF', Japanese),
        ('\uAC00', '\uD7A3', "Korean"),
    ];

    // Among them those that only stand for others: ligatures and forms of one letter.
    private const string Forms = "ĲĳĿŀŉǱǲǳẚẛϐϑϒϓϔϕϖϗϰϱϲϴϵϹ";

    // Letters that nobody tells from others, in front of what they look like: of other scripts, and of the same one.
    // Letters with marks stand here too, as a node has no data to take them apart.
    private static readonly (string Letters, string Shapes)[] Alike =
    [
        ("АВЕКМНОРСТУХЅІЈԚԜӀ", "ABEKMHOPCTYXSlJQWl"), ("аеорсухѕіјԛԝһԁҽѡѵ", "aeopcyxsijqwhdewv"),
        ("ЗзЬѴԌҮүӏкгпПГФЛӔӕ", "33bVGYylkrnΠΓΦΛÆæ"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHlKMNOPTYX"), ("οναρυικγτσϳͿϺ", "ovapuikyrojJM"),
        ("ՕՍՏԼօսոհզցյ", "OUSLounhqgj"),
        ("01IØıȷÐƉ", "OllOijĐĐ"), ("ƅƖƧƨƷȜƼƿȢȣ", "bl22335p88"),
        ("ヘベペニハカエタトロ囗ー", "へべぺ二八力工夕卜口口一"),
        ("అఆఇఒఓఔజఞణఱల", "ಅಆಇಒಓಔಜಞಣಱಲ"),
        ("ёЁїЇѐЀӓӒӑӐӧӦӗӖӱӰ", "ëËïÏèÈäÄăĂöÖĕĔÿŸ"), ("άόίύϊϋ", "áóíúïü"),
        ("șȘțȚ", "şŞţŢ"), ("ǎǍěĚǐǏǒǑǔǓǧǦ", "ăĂĕĔĭĬŏŎŭŬğĞ"),
        ("ĸŐőƄƍƦƫƽǵȦȧɅẝẟỿ", "kÖöbgRţsģÅåΛfδy"), ("ΣβπϛϜϨϩϷϸϽ", "ƩßnςF22ÞþƆ"),
        ("ИЙбьѝѰѱӋӌӘәӠӡԊԐ", "ͶЍ6bйΨψҶҷƏǝ3ȝǶƐ"), ("Փագծռք", "Φwqδnf"), ("ყ", "y"),
        ("ሀሆቀበቡኔኮዐጣ", "UՄΦՈՌձԻOՊ"), ("ಯ", "య"), ("ഉജഠണറഴശஜர", "உஐoணஈழஶஐஈ"),
        ("ฃซฏดตทมฦ", "ขชฎคคฑฆภ"),
        ("㦳䎛䐠亻倂值啟填士壿嬀帲幐戸搉晣晩曶朦柿槩樧潙硏絶肦胊胐胶脁脧腁膧蔿虁訞詽讏豣趆跺躛輧郞鎮隸鹃黒鿃",
            "㘽㖈㬻イ併値啓塡土墫媯帡㬺戶㩁䀿晚㫚䑃杮㮣榝溈研絕朌朐朏㬵朓朘胼朣蒍蘷䚶訮讆豜赿跥躗軿郎鎭隷鹂黑䀹"),
    ];

    private static readonly Dictionary<char, char> Shapes = Alike
        .SelectMany(static alike => alike.Letters.Zip(alike.Shapes))
        .ToDictionary(static pair => pair.First, static pair => pair.Second);

    /// <summary>The script of a letter; null for what is no letter that a name may have.</summary>
    public static string? Of(char letter)
    {
        bool isLetter = char.GetUnicodeCategory(letter) is UnicodeCategory.UppercaseLetter
            or UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter
            || letter is '\u3005' or '\u30FC';
        if (Forms.Contains(letter, StringComparison.Ordinal))
        {
            return null;
        }

        foreach ((char first, char last, string script) in Letters)
        {
            if (letter >= first && letter <= last)
            {
                return isLetter ? script : null;
            }
        }

        return null;
    }

    /// <summary>
    /// What a name looks like: two names with one look are one name to whoever reads them.
    /// </summary>
    public static string Look(string name)
    {
        char[] look = name.ToCharArray();
        for (int i = 0; i < look.Length; i++)
        {
            look[i] = Shapes.GetValueOrDefault(look[i], look[i]);
        }

        return new string(look).Replace("rn", "m", StringComparison.Ordinal).ToUpperInvariant()
            .Replace("VV", "W", StringComparison.Ordinal);
    }
}
