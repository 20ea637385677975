namespace ScanEngineAdmin.Faults.Local;

/// <summary>The tricks.</summary>
internal static class LocalCases
{
    private const string Under = "transfer-00112233445566778899aabbccddeeff";
    private const string Keep = "before-import-20260101-000000-000";

    public static IEnumerable<LocalCase> All() => [.. Plans(), .. Links(), .. Kinds(), .. Places(), .. Outputs(), .. Races()];

    private static IEnumerable<LocalCase> Plans()
    {
        yield return new("plan: a path upwards", s => Plan(s, $"{Under}\n\n+../../victims/created"));
        yield return new("plan: a folder deep enough to climb out", s =>
        {
            Directory.CreateDirectory(Path.Combine(s.Console, "a/b/c/victims"));
            File.WriteAllText(Path.Combine(s.Console, "a/b/c/victims/created"), "owned");
            Plan(s, "a/b/c\n\n+../../../../../victims/created");
        });
        yield return new("plan: an absolute path", s => Plan(s, $"{s.Victims}\n\n+victim"));
        yield return new("plan: root's file is to be kept", s => Plan(s, $"{Under}\n{Keep}\n-../../victims/victim"));
        yield return new("plan: kept in root's folder", s => Plan(s, $"{Under}\n../../victims\n-store.db"));
        yield return new("plan: its folder is a link", s =>
        {
            Directory.CreateSymbolicLink(Path.Combine(s.Console, Under), s.Victims);
            Plan(s, $"{Under}\n\n+store.db");
        });
        yield return new("plan: what it keeps in is a link", s =>
        {
            Directory.CreateDirectory(Path.Combine(s.Console, Under));
            Directory.CreateSymbolicLink(Path.Combine(s.Console, Keep), s.Victims);
            Plan(s, $"{Under}\n{Keep}\n-store.db");
        });
        yield return new("plan: a name of two lines", s =>
            Plan(s, $"{Under}\n\n+store.db\n+\n-x\n+../../victims/created"));
        yield return new("plan: a link to root's file", s => s.Link("import.commit", s.Victim));
        yield return new("plan: a pipe", s => s.Make("import.commit", "mkfifo", "{}"));
        yield return new("plan: without an end", s => s.Make("import.commit", "truncate", "-s", "1T", "{}"));
    }

    private static IEnumerable<LocalCase> Links()
    {
        foreach (string name in new[]
        {
            "lock", "node.lock", "transfer.lock", "applier.lock", "store.db", "store.db-wal", "store.db-shm",
            "node.key", "node.crt", "node.id", "node.rotation", "next.key", "next.crt", "node.rotation.new",
            "doorbell", "node.key.new",
        })
        {
            yield return new($"{name}: a link to root's file", s => s.Link(name, s.Victim));
            yield return new($"{name}: a link to what root would make", s => s.Link(name, s.Created));
            yield return new($"{name}: another name of root's file", s =>
            {
                s.Make(name, "ln", s.Victim, "{}");
                LocalStage.Must("chown", "root", s.Victim);
            });
        }

        yield return new("store.db-journal: root's file as its super-journal", Journal);
        yield return new("store.db-journal: a link to root's file", s => s.Link("store.db-journal", s.Victim));
    }

    private static IEnumerable<LocalCase> Kinds()
    {
        foreach (string name in new[] { "lock", "node.lock", "applier.lock", "store.db", "node.key", "node.rotation" })
        {
            yield return new($"{name}: a pipe", s => s.Make(name, "mkfifo", "{}"));
        }

        yield return new("node.crt: an endless device", s => s.Make("node.crt", "mknod", "{}", "c", "1", "5"));
        yield return new("node.id: longer than any disk", s => s.Make("node.id", "truncate", "-s", "1T", "{}"));
        yield return new("node.rotation: no state at all", s => s.Write("node.rotation", new string('x', 100_000)));
        yield return new("store.db: no store at all", s => s.Write("store.db", "root:x:0:0\n"));
        yield return new("files whose names are lines", s =>
        {
            File.WriteAllText(Path.Combine(s.Console, "x\n+..\n-y"), "z");
            s.Give();
        });
    }

    private static IEnumerable<LocalCase> Places()
    {
        yield return new("the console's folder is a link", s =>
        {
            LocalStage.Must("rm", "-rf", s.Console);
            Directory.CreateSymbolicLink(s.Console, Path.Combine(s.Victims, "console"));
            s.Give();
        })
        { IsUnusable = true };
        yield return new("the data folder is a link", s =>
        {
            LocalStage.Must("rm", "-rf", s.Data);
            Directory.CreateSymbolicLink(s.Data, s.Victims);
            LocalStage.Must("chown", "-h", "54321", s.Data);
        })
        { IsUnusable = true };
        yield return new("others may write the console's folder", s =>
            LocalStage.Must("chmod", "777", s.Console, s.Engine))
        { IsUnusable = true };
        yield return new("a group may write the data folder", s =>
        {
            LocalStage.Must("chgrp", "100", s.Data);
            LocalStage.Must("chmod", "775", s.Data);
        })
        { IsUnusable = true };
        yield return new("all may add files to the console's folder", s =>
            LocalStage.Must("chmod", "1777", s.Console, s.Engine))
        { IsUnusable = true };
        yield return new("another user's folder in the attacker's", s =>
            LocalStage.Must("chown", "54322", s.Console, s.Engine))
        { IsUnusable = true };
        yield return new("root's folder is mounted in the console's place", s => s.Mount(s.Victims, s.Console))
        { IsUnusable = true };
        yield return new("root's file is mounted in the store's place", s =>
            s.Mount(s.Victim, Path.Combine(s.Console, "store.db"), Path.Combine(s.Engine, "store.db")));
        yield return new("root's file is mounted in the key's place", s =>
            s.Mount(s.Victim, Path.Combine(s.Console, "node.key"), Path.Combine(s.Engine, "node.key")));
        yield return new("nothing is there yet", s => LocalStage.Must("rm", "-rf", s.Console, s.Engine));
        yield return new("nothing is wrong", _ => { });
    }

    private static IEnumerable<LocalCase> Outputs()
    {
        yield return new("output: the folder is a link to root's", s =>
        {
            Directory.Delete(s.OutputFolder);
            Directory.CreateSymbolicLink(s.OutputFolder, s.Victims);
            s.Give();
        });
        foreach (string name in new[] { "console.sea", "made.sea", "words", "node.log" })
        {
            yield return new($"output: {name} is another name of root's file", s =>
            {
                LocalStage.Must("ln", s.Victim, Path.Combine(s.OutputFolder, name));
                s.Give();
                LocalStage.Must("chown", "root", s.Victim);
            });
            yield return new($"output: {name} is a link to root's file", s =>
            {
                File.CreateSymbolicLink(Path.Combine(s.OutputFolder, name), s.Victim);
                s.Give();
            });
            yield return new($"output: {name} is a link to what root would make", s =>
            {
                File.CreateSymbolicLink(Path.Combine(s.OutputFolder, name), s.Created);
                s.Give();
            });
            yield return new($"output: {name} is a pipe", s =>
            {
                LocalStage.Must("mkfifo", Path.Combine(s.OutputFolder, name));
                s.Give();
            });
        }

        yield return new("output: credentials of the attacker's", s =>
        {
            string words = Path.Combine(s.OutputFolder, "words");
            File.WriteAllText(words, "him:self");
            LocalStage.Must("chmod", "600", words);
            s.Give();
        });
        yield return new("output: others may write the folder", s => LocalStage.Must("chmod", "777", s.OutputFolder));
    }

    private static IEnumerable<LocalCase> Races()
    {
        yield return new(
            "race: the output's folder and a link to root's", s => { },
            "mv output o1 && ln -s ../victims output && rm output && mv o1 output");
        yield return new(
            "race: the console's folder and a link to root's", s => { },
            "mv console c1 && ln -s ../victims console && rm console && mv c1 console");
        yield return new(
            "race: the data folder's file and a link", s => { },
            "ln -sf ../../victims/created console/node.lock; rm -f console/node.lock");
        yield return new(
            "race: a plan that comes and goes", s =>
            {
                Directory.CreateDirectory(Path.Combine(s.Console, Under));
                s.Give();
            },
            $"printf '{Under}\\n\\n+../../victims/created' > console/import.commit; rm -f console/import.commit");
        yield return new(
            "race: a new key and a link", s => { },
            "ln -sf ../../victims/victim console/next.key; ln -sf ../../victims/created console/node.rotation.new; "
                + "rm -f console/next.key console/node.rotation.new");
        yield return new(
            "race: a journal that comes and goes", s =>
            {
                Journal(s);
                File.Move(Path.Combine(s.Console, "store.db-journal"), Path.Combine(s.Console, "planted"));
            },
            "cp console/planted console/store.db-journal; rm -f console/store.db-journal");
        yield return new(
            "race: the side files of the store and links", s => { },
            "ln -sf ../../victims/victim console/store.db-wal; ln -sf ../../victims/victim console/store.db-shm; "
                + "rm -f console/store.db-wal console/store.db-shm");
    }

    private static void Plan(LocalStage stage, string text)
    {
        Directory.CreateDirectory(Path.Combine(stage.Console, Under));
        File.WriteAllText(Path.Combine(stage.Console, Under, "store.db"), "the attacker's");
        File.WriteAllText(Path.Combine(stage.Console, "import.commit"), text);
        stage.Give();
    }

    private static void Journal(LocalStage stage)
    {
        byte[] journal = HotJournal.Naming(stage.Victim);
        foreach (string folder in new[] { stage.Console, stage.Engine })
        {
            File.WriteAllBytes(Path.Combine(folder, "store.db-journal"), journal);
        }

        stage.Give();
    }
}
