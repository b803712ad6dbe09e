package app

import (
	"context"
	"fmt"
	"log/slog"

	"pulso/bot/card"
	"pulso/bot/flow"
)

// halt is a time in which Meta refused everything that we sent, because of the
// token, the payment or the account. It is kept under haltSetting.
type halt struct {
	Code  int   `json:"code"`
	Since int64 `json:"since"`
	Until int64 `json:"until,omitempty"` // 0: it lasts
}

const haltSetting = "halt"

// reason is the end of the key under which people are told why.
func (h halt) reason() string {
	switch h.Code {
	case 190:
		return "token"
	case 131042:
		return "payment"
	}
	return "account"
}

// mend tells the engineer what to do about it.
func (h halt) mend() string {
	switch h.reason() {
	case "token":
		return "make a new permanent token of a system user, put it into access_token, and start again"
	case "payment":
		return "mend the payment method in Meta's billing settings of this WhatsApp account"
	}
	return "look at the account's state in Meta's WhatsApp Manager and appeal there"
}

// halted notes that Meta refuses everything, once for as long as it lasts.
func (a *App) halted(ctx context.Context, code int) {
	now := a.Clock.Now().UnixMilli()
	h, known, err := a.halt(ctx)
	if err == nil && (!known || h.Until != 0) {
		a.Log.Error("WhatsApp refuses everything that is sent: see `pulso doctor`", slog.Int("code", code))
		err = a.Store.Put(ctx, haltSetting, halt{Code: code, Since: now})
	}
	if err != nil {
		a.Log.Error("note that WhatsApp refuses", "error", err)
	}
}

// resumed notes that Meta takes messages again.
func (a *App) resumed(ctx context.Context) {
	h, known, err := a.halt(ctx)
	if err == nil && known && h.Until == 0 {
		h.Until = a.Clock.Now().UnixMilli()
		a.Log.Warn("WhatsApp takes messages again", slog.Int("code", h.Code))
		err = a.Store.Put(ctx, haltSetting, h)
	}
	if err != nil {
		a.Log.Error("note that WhatsApp takes messages again", "error", err)
	}
}

func (a *App) halt(ctx context.Context) (h halt, known bool, err error) {
	known, err = a.Store.Setting(ctx, haltSetting, &h)
	return h, known, err
}

// haltNews tells of such a time when it is over: before that, nothing could be
// told by WhatsApp.
func (a *App) haltNews(ctx context.Context, now int64) (flow.Headline, bool, error) {
	h, known, err := a.halt(ctx)
	if err != nil || !known || h.Until == 0 || h.Until < now-newsTime {
		return flow.Headline{}, false, err
	}
	text := card.T("health.halted", "from", card.Instant(h.Since), "to", card.Instant(h.Until), "reason", card.Word("health.halt."+h.reason()))
	return flow.Headline{Key: fmt.Sprintf("halt/%d", h.Since), Text: text}, true, nil
}
