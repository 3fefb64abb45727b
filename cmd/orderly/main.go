// Command orderly watches a host and heals it.
package main

import (
	"os"
	_ "time/tzdata" // schedules name time zones, and not every host has them

	"orderly/internal/cli"
)

func main() { os.Exit(cli.Main()) }
