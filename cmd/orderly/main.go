// Command orderly watches a host and heals it.
package main

import (
	"os"

	"orderly/internal/cli"
)

func main() { os.Exit(cli.Main()) }
