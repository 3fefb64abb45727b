package client

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"orderly/internal/model"
)

// An Account is a model.Account as it travels.
type Account struct {
	Name     string         `json:"name"`
	Secret   string         `json:"secret,omitempty"` // a hash, on the way to the daemon only
	Token    bool           `json:"token,omitempty"`
	Scope    model.Scope    `json:"scope"`
	Only     []string       `json:"only,omitempty"`
	Networks []netip.Prefix `json:"from,omitempty"`
	Expires  time.Time      `json:"expires,omitzero"`
	Created  time.Time      `json:"created,omitzero"` // zero: it is of the configuration
	Used     time.Time      `json:"used,omitzero"`
}

// AccountsReply lists the accounts by name.
type AccountsReply struct {
	Accounts []Account `json:"accounts"`
}

// Accounts lists who may do something from afar, without their secrets.
func (c *Client) Accounts(ctx context.Context) ([]Account, error) {
	var reply AccountsReply
	err := c.quick(ctx, PathAccounts, nil, &reply)
	return reply.Accounts, err
}

// AddAccount adds an account, whose Secret is a hash, and returns when it is on disk.
func (c *Client) AddAccount(ctx context.Context, a Account) error {
	return c.slow(ctx, http.MethodPost, PathAccounts, nil, a, new(struct{}))
}

// ChangePassword gives an account another password, by its hash, and returns when that is on disk.
func (c *Client) ChangePassword(ctx context.Context, name, hash string) error {
	return c.slow(ctx, http.MethodPut, PathAccounts, nil, Account{Name: name, Secret: hash}, new(struct{}))
}

// RemoveAccount removes an account and returns when that is on disk.
func (c *Client) RemoveAccount(ctx context.Context, name string) error {
	return c.slow(ctx, http.MethodDelete, PathAccounts, url.Values{"name": {name}}, nil, new(struct{}))
}
