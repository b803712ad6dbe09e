package whatsapp

import (
	"context"
	"errors"
	"net/url"
)

// Phone is a business phone number as Meta describes it.
type Phone struct {
	ID             string
	Display        string // as written by Meta, "+57 601 5550100"
	Name           string // verified name
	Quality        string // GREEN, YELLOW, RED or UNKNOWN
	Throughput     string // STANDARD, HIGH …
	MessagingLimit string // TIER_250 …
	Status         string // CONNECTED …
	Platform       string // CLOUD_API …
	OnBusinessApp  bool   // shared with the WhatsApp Business app
}

// Account is a WhatsApp business account.
type Account struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Currency string `json:"currency"`
	Review   string `json:"account_review_status"` // APPROVED …
}

// App is an app that gets the account's webhooks.
type App struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

const phoneFields = "id,display_phone_number,verified_name,quality_rating,throughput," +
	"whatsapp_business_manager_messaging_limit,status,platform_type,is_on_biz_app"

type wirePhone struct {
	ID         string `json:"id"`
	Display    string `json:"display_phone_number"`
	Name       string `json:"verified_name"`
	Quality    string `json:"quality_rating"`
	Throughput struct {
		Level string `json:"level"`
	} `json:"throughput"`
	MessagingLimit string `json:"whatsapp_business_manager_messaging_limit"`
	Status         string `json:"status"`
	Platform       string `json:"platform_type"`
	OnBusinessApp  bool   `json:"is_on_biz_app"`
}

func (w wirePhone) phone() Phone {
	return Phone{
		ID: w.ID, Display: w.Display, Name: w.Name, Quality: w.Quality, Throughput: w.Throughput.Level,
		MessagingLimit: w.MessagingLimit, Status: w.Status, Platform: w.Platform, OnBusinessApp: w.OnBusinessApp,
	}
}

// Phone reads the client's own number.
func (c *Client) Phone(ctx context.Context) (Phone, error) {
	var wire wirePhone
	err := c.get(ctx, "read number", c.config.PhoneNumberID, url.Values{"fields": {phoneFields}}, &wire)
	return wire.phone(), err
}

// PhoneNumbers lists the numbers of the account.
func (c *Client) PhoneNumbers(ctx context.Context) ([]Phone, error) {
	listed, err := pages[wirePhone](ctx, c, "list numbers", c.config.WABAID+"/phone_numbers", url.Values{"fields": {phoneFields}})
	if err != nil {
		return nil, err
	}
	all := make([]Phone, 0, len(listed))
	for _, l := range listed {
		all = append(all, l.phone())
	}
	return all, nil
}

// WABA reads the account.
func (c *Client) WABA(ctx context.Context) (Account, error) {
	var account Account
	query := url.Values{"fields": {"id,name,currency,account_review_status"}}
	err := c.get(ctx, "read account", c.config.WABAID, query, &account)
	return account, err
}

// Subscribed lists the apps that get the account's webhooks; none means that
// nothing will ever come in.
func (c *Client) Subscribed(ctx context.Context) ([]App, error) {
	listed, err := pages[struct {
		App App `json:"whatsapp_business_api_data"`
	}](ctx, c, "list subscribed apps", c.config.WABAID+"/subscribed_apps", nil)
	if err != nil {
		return nil, err
	}
	apps := make([]App, 0, len(listed))
	for _, l := range listed {
		apps = append(apps, l.App)
	}
	return apps, nil
}

// maxPages bounds a listing; a hundred pages of templates are more than Meta allows.
const maxPages = 100

// pages reads an edge to its end by its cursors. The address of the next page
// that Meta offers is never followed, only its cursor used.
func pages[T any](ctx context.Context, c *Client, op, path string, query url.Values) ([]T, error) {
	var all []T
	asked := url.Values{}
	for key, values := range query {
		asked[key] = values
	}
	for range maxPages {
		var page struct {
			Data   []T `json:"data"`
			Paging struct {
				Cursors struct {
					After string `json:"after"`
				} `json:"cursors"`
				Next string `json:"next"`
			} `json:"paging"`
		}
		if err := c.get(ctx, op, path, asked, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		if page.Paging.Next == "" || page.Paging.Cursors.After == "" {
			return all, nil
		}
		asked.Set("after", page.Paging.Cursors.After)
	}
	return nil, unreadable(op, 200, errors.New("the list does not end"))
}
