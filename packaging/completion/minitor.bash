# Completion of minitor for bash: its options with one dash or two.

_minitor() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} dash=
    COMPREPLY=()
    # bash takes = for a word of its own.
    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}
    [[ $cur == = ]] && prev=${COMP_WORDS[COMP_CWORD - 1]} cur=
    [[ $cur == --* ]] && dash=-
    case ${prev/#--/-} in
        -c | -config | -socket)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            ;;
        -state-dir)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -d -- "$cur")
            ;;
        -startup-alerts-fatal) mapfile -t COMPREPLY < <(compgen -W 'true false' -- "$cur") ;;
        -p | -metrics-port | -startup-alerts) ;;
        *)
            mapfile -t COMPREPLY < <(compgen -P "$dash" -W \
                '-c -config -debug -h -help -m -metrics -metrics-port -p -py-compat -socket -startup-alerts -startup-alerts-fatal -state-dir -v -version' \
                -- "${cur/#--/-}")
            ;;
    esac
}

complete -F _minitor minitor
