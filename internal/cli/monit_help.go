package cli

// monitHelp is what -h says. The options and commands are Monit's, the words are ours.
const monitHelp = `Usage: monit [OPTION]... [COMMAND [NAME]]

Options:
 -c, --conf FILE       read this control file
 -d, --daemon SECONDS  run in the background and check every so many seconds
 -g, --group NAME      let the command concern the services of this group
 -l, --logfile FILE    write the log to this file, or to syslog
 -p, --pidfile FILE    keep the number of the daemon's process in this file
 -s, --statefile FILE  keep what must survive a restart beside this file
 -I, --interactive     stay in the foreground, as init systems want it
 -i, --id              print the id of this installation
 -r, --resetid         make a new id, after asking
 -B, --batch           no colours and no boxes
 -t, --test            check the control file and do nothing else
 -v, --verbose         say more; with -t also what was understood
 -H, --hash [FILE]     print the digests of the file, or of what is read from stdin
 -V, --version         print the version
 -h, --help            print this text

Commands:
 start NAME|all        start services, and monitor them
 stop NAME|all         stop services, and no longer monitor them
 restart NAME|all      stop services and start them again
 monitor NAME|all      watch services
 unmonitor NAME|all    no longer watch services
 reload                read the control file again
 status [NAME]         tell everything known of the services
 summary [NAME]        tell how the services are, one line each
 report [STATE]        count the services: up, down, initialising, unmonitored, total
 quit                  end the daemon
 validate [NAME]       check everything now
 procmatch PATTERN     show which processes a pattern matches

Without a command, the daemon is started, or woken if it runs. A NAME may be a regular expression.
`
