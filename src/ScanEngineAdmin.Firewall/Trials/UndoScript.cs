using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Trials;

/// <summary>
/// The process that undoes an application when nobody confirms it. It is a constant for /bin/sh; what it works on comes
/// as its arguments and from a file of arguments, one a line, and nothing of that is ever read as script. It needs
/// neither this product nor PowerShell, so that it goes on when the session that started it is cut or killed.
/// </summary>
internal static class UndoScript
{
    /// <summary>Takes away the rules with a tag, but for those whose handles are given.</summary>
    public const string Untag = "@untag";

    /// <summary>What nft is given: the first, or, if what it refers to is gone, the second.</summary>
    public const string Nft = "@nft";

    /// <summary>A tool of iptables, the chain, the place in it, the rule: at its head if it is shorter now.</summary>
    public const string Insert = "@insert";

    /// <summary>Seconds to wait, the file of steps, the lock or - for none.</summary>
    public const string Text = """
        exec </dev/null >/dev/null 2>&1
        trap '' HUP INT
        PATH=/usr/sbin:/sbin:/usr/bin:/bin
        LC_ALL=C
        export PATH LC_ALL
        steps=$2
        lock=$3
        left=$1
        # What was confirmed or undone before needs nobody that waits: there would soon be thousands.
        while [ "$left" -gt 0 ]; do
          [ -e "$steps" ] || exit 0
          nap=10
          [ "$left" -ge "$nap" ] || nap=$left
          sleep "$nap"
          left=$((left - nap))
        done
        # Whoever renames it first has it: this process, a confirmation, or the next run after this was killed.
        mv -- "$steps" "$steps.running" || exit 0
        if [ "$lock" != - ]; then
          exec 9>>"$lock"
          flock -w 300 9
        fi
        untag() {
          family=$1 table=$2 chain=$3 tag=$4
          shift 4
          keep=" $* "
          nft -a list chain "$family" "$table" "$chain" | while IFS= read -r line; do
            case $line in
              *"\"$tag\""*"# handle "*)
                handle=${line##*"# handle "}
                case $keep in
                  *" $handle "*) ;;
                  *) nft delete rule "$family" "$table" "$chain" handle "$handle" </dev/null ;;
                esac ;;
            esac
          done
        }
        insert() {
          tool=$1 chain=$2 place=$3
          shift 3
          "$tool" -w -I "$chain" "$place" "$@" || "$tool" -w -I "$chain" "$@"
        }
        step() {
          case $1 in
            @untag) shift; untag "$@" ;;
            @insert) shift; insert "$@" </dev/null ;;
            @nft) nft "$2" </dev/null || nft "$3" </dev/null ;;
            *) "$@" </dev/null ;;
          esac
        }
        set --
        while IFS= read -r word; do
          if [ -n "$word" ]; then
            set -- "$@" "$word"
          elif [ "$#" -gt 0 ]; then
            step "$@"
            set --
          fi
        done <"$steps.running"
        rm -f -- "$steps.running"
        """;

    /// <summary>The steps as the file has them.</summary>
    public static string Steps(IEnumerable<ToolCall> calls) => string.Concat(calls.Select(static call =>
    {
        // What nft reads it also takes as one argument.
        string[] words = call.Input is { } input ? [call.Tool, input.Trim()] : [call.Tool, .. call.Arguments];
        return words.Any(static w => w.Length == 0 || w.Contains('\n', StringComparison.Ordinal))
            ? throw new ArgumentException("An argument is empty or has more than one line.", nameof(calls))
            : string.Concat(words.Select(static w => w + "\n")) + "\n";
    }));
}
