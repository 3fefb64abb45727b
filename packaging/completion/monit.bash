# Completion of monit for bash.
#
# The names of services and groups come from the control file, so they are offered whether the daemon runs or not.

# _monit_listing LABEL prints what the control file calls LABEL: each "Name" or "Group", one a line.
_monit_listing() {
    local file=() i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -c | --conf) file=(-c "${COMP_WORDS[i + 1]/#\~\//$HOME/}") ;;
        esac
    done
    command "${COMP_WORDS[0]}" "${file[@]}" -vIt 2>/dev/null | sed -n "s/^[A-Za-z ]*$1  *= //p"
}

# _monit_offer takes words, one a line, and offers those that begin as the current one does.
_monit_offer() {
    local word cur=${COMP_WORDS[COMP_CWORD]}
    while IFS= read -r word; do
        if [[ -n $word && $word == "$cur"* ]]; then
            COMPREPLY+=("$(printf %q "$word")")
        fi
    done
}

_monit_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
}

_monit_option() {
    printf '%s\n' --batch --conf --daemon --group --hash --help --id --interactive --logfile --pidfile --resetid \
        --statefile --test --verbose --version
}

# _monit_command prints the command that stands before the current word, if there is one.
_monit_command() {
    local i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -[cdglps] | --conf | --daemon | --group | --logfile | --pidfile | --statefile) ((i++)) ;;
            -*) ;;
            *)
                printf '%s\n' "${COMP_WORDS[i]}"
                return
                ;;
        esac
    done
}

_monit() {
    COMPREPLY=()
    case ${COMP_WORDS[COMP_CWORD - 1]} in
        -c | --conf | -l | --logfile | -p | --pidfile | -s | --statefile | -H | --hash)
            _monit_files
            return
            ;;
        -g | --group)
            _monit_offer < <(_monit_listing Group | sed 's/, /\n/g' | sort -u)
            return
            ;;
        -d | --daemon) return ;;
    esac
    if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _monit_offer < <(_monit_option)
        return
    fi
    case $(_monit_command) in
        '')
            _monit_offer < <(printf '%s\n' start stop restart monitor unmonitor reload status summary report quit \
                validate procmatch)
            ;;
        start | stop | restart | monitor | unmonitor)
            _monit_offer < <(_monit_listing Name && echo all)
            ;;
        status | summary | validate) _monit_offer < <(_monit_listing Name) ;;
        report) _monit_offer < <(printf '%s\n' up down initialising unmonitored total) ;;
        procmatch) _monit_offer < <(ps -A -o comm= 2>/dev/null | sort -u) ;;
    esac
}

complete -F _monit monit
