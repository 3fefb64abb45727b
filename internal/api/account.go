package api

import (
	"context"
	"net/http"

	"orderly/internal/client"
	"orderly/internal/model"
)

// A Registrar keeps the accounts of those who do something from afar, called as a View is. Its errors are for the user.
type Registrar interface {
	// Accounts lists them by name, without their secrets.
	Accounts() []model.Account
	// AddAccount and the others return when what they change is on disk. Secrets are hashes.
	AddAccount(ctx context.Context, a model.Account) error
	ChangePassword(ctx context.Context, name, hash string) error
	RemoveAccount(ctx context.Context, name string) error
}

// WithAccounts has the control socket answer about accounts. It returns the server itself.
func (s *Server) WithAccounts(r Registrar) *Server {
	s.registrar = r
	return s
}

func (s *Server) addAccounts(mux *http.ServeMux) {
	mux.HandleFunc("GET "+client.PathAccounts, s.accounts)
	mux.HandleFunc("POST "+client.PathAccounts, s.addAccount)
	mux.HandleFunc("PUT "+client.PathAccounts, s.changePassword)
	mux.HandleFunc("DELETE "+client.PathAccounts, s.removeAccount)
}

func (s *Server) accounts(w http.ResponseWriter, _ *http.Request) {
	list := []client.Account{}
	for _, a := range s.registrar.Accounts() {
		a.Secret = ""
		list = append(list, client.Account(a))
	}
	reply(w, http.StatusOK, client.AccountsReply{Accounts: list})
}

func (s *Server) addAccount(w http.ResponseWriter, r *http.Request) {
	var a client.Account
	if read(w, r, "account", &a) {
		done(w, s.registrar.AddAccount(r.Context(), model.Account(a)))
	}
}

func (s *Server) changePassword(w http.ResponseWriter, r *http.Request) {
	var a client.Account
	if read(w, r, "account", &a) {
		done(w, s.registrar.ChangePassword(r.Context(), a.Name, a.Secret))
	}
}

func (s *Server) removeAccount(w http.ResponseWriter, r *http.Request) {
	done(w, s.registrar.RemoveAccount(r.Context(), r.URL.Query().Get("name")))
}

// done answers whether a change was made.
func done(w http.ResponseWriter, err error) {
	if err != nil {
		fail(w, http.StatusConflict, err.Error())
		return
	}
	reply(w, http.StatusOK, struct{}{})
}
