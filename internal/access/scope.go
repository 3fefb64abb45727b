package access

import (
	"slices"

	"orderly/internal/model"
)

// Allows tells whether an account, nil for nobody, may do what needs a scope.
func Allows(a *model.Account, need model.Scope) bool {
	if a == nil {
		return false
	}
	has, wants := slices.Index(model.Scopes, a.Scope), slices.Index(model.Scopes, need)
	return wants >= 0 && has >= wants
}
