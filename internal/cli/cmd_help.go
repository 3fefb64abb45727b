package cli

import "github.com/spf13/cobra"

func (p *program) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "tell how a command is used",
		Long:    `Tell how a command is used, or which commands there are.`,
		Example: `  orderly help restart`,
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return noSuchCommand(cmd.Root(), args)
			}
			topic.InitDefaultHelpFlag()
			return topic.Help()
		},
	}
}

// usageText is the part of a command's help that follows its description.
const usageText = `Usage:{{if or (not .HasAvailableSubCommands) (ne .Use .Name)}}
  {{.UseLine}}{{end}}{{if and .HasParent .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}
{{if .HasExample}}
Examples:
{{.Example}}
{{end}}{{$commands := .Commands}}{{range $group := .Groups}}
{{.Title}}
{{range $commands}}{{if and (eq .GroupID $group.ID) .IsAvailableCommand}}  {{rpad .Name .NamePadding}} {{.Short}}
{{end}}{{end}}{{end}}{{if .HasAvailableSubCommands}}
{{if .HasParent}}Commands:{{else}}Besides:{{end}}
{{range $commands}}{{if and (eq .GroupID "") (or .IsAvailableCommand (eq .Name "help"))}}  {{rpad .Name .NamePadding}} {{.Short}}
{{end}}{{end}}{{end}}
Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
{{if .HasAvailableInheritedFlags}}{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}{{if .HasAvailableSubCommands}}
"{{.Root.CommandPath}} help{{if .HasParent}} {{.Name}}{{end}} COMMAND" tells more of a command.
{{end}}`
