# Completion of inspeqtor and inspeqtorctl for bash.

# _inspeqtor_offer takes words, one a line, and offers those that begin as the current one does.
_inspeqtor_offer() {
    local word cur=${COMP_WORDS[COMP_CWORD]}
    while IFS= read -r word; do
        if [[ -n $word && $word == "$cur"* ]]; then
            COMPREPLY+=("$(printf %q "$word")")
        fi
    done
}

_inspeqtor() {
    COMPREPLY=()
    case ${COMP_WORDS[COMP_CWORD - 1]} in
        -c | -state-dir)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -d -- "${COMP_WORDS[COMP_CWORD]}")
            ;;
        -s)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
            ;;
        -l) _inspeqtor_offer < <(printf '%s\n' warn info debug verbose) ;;
        *) _inspeqtor_offer < <(printf '%s\n' -c -compat -h -help -l -s -state-dir -ta -tc -v) ;;
    esac
}

# What is watched is asked of the daemon: nothing is offered while it does not run.
_inspeqtorctl_targets() {
    command "${COMP_WORDS[0]}" status 2>/dev/null | sed -n -e 's/^Host: .*/host/p' -e 's/^Service: \(.*\) \[.*\]$/\1/p'
}

# _inspeqtorctl_metrics TARGET prints the names of what is measured of it.
_inspeqtorctl_metrics() {
    local line in=
    while IFS= read -r line; do
        case $line in
            Host:*) in=host ;;
            Service:*) in=${line#Service: } in=${in% \[*} ;;
            [\ !]\ *)
                line=${line:2}
                [[ $in == "$1" ]] && printf '%s\n' "${line%% *}"
                ;;
        esac
    done < <(command "${COMP_WORDS[0]}" status 2>/dev/null)
}

_inspeqtorctl_jobs() {
    sed -n 's/^[[:space:]]*\([^#[:space:]]*\)[[:space:]]\{1,\}happens[[:space:]].*/\1/p' \
        /etc/inspeqtor/jobs.d/*.inq 2>/dev/null
}

_inspeqtorctl() {
    COMPREPLY=()
    # A metric has a colon, at which bash breaks words: what is completed begins behind it.
    local line=${COMP_LINE:0:COMP_POINT} words
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    local last=${words[-1]} offer
    case ${#words[@]}:${words[1]} in
        2:*) _inspeqtor_offer < <(printf '%s\n' status start finish export show job_done help) ;;
        3:start | 3:finish) _inspeqtor_offer < <(echo deploy) ;;
        3:show) _inspeqtor_offer < <(_inspeqtorctl_targets) ;;
        3:job_done) _inspeqtor_offer < <(_inspeqtorctl_jobs) ;;
        4:show)
            while IFS= read -r offer; do
                if [[ $offer == "$last"* && $last == *:* ]]; then
                    COMPREPLY+=("${offer#"${last%:*}:"}")
                elif [[ $offer == "$last"* ]]; then
                    COMPREPLY+=("$offer")
                fi
            done < <(_inspeqtorctl_metrics "${words[2]}")
            ;;
    esac
}

complete -F _inspeqtor inspeqtor
complete -F _inspeqtorctl inspeqtorctl
