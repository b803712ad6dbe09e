package bot

import (
	"encoding/json"
	"strconv"
	"strings"

	"pulso/bot/card"
	"pulso/models"
)

// notice is what Meta tells of an account, as far as somebody has to act on it.
type notice struct {
	Event    string `json:"event"`
	Template string `json:"message_template_name"`
	Quality  string `json:"new_quality_score"`
	Category string `json:"new_category"`
	Number   string `json:"display_phone_number"`
	Limit    string `json:"max_daily_conversations_per_business"`
	OldLimit string `json:"current_limit"` // as it was called before 2026
	Ban      struct {
		State string `json:"waba_ban_state"`
	} `json:"ban_info"`
	Violation struct {
		Type string `json:"violation_type"`
	} `json:"violation_info"`
	Restrictions []struct {
		Type string `json:"restriction_type"`
	} `json:"restriction_info"`
	Alert struct {
		Severity    string `json:"alert_severity"`
		Status      string `json:"alert_status"`
		Description string `json:"alert_description"`
	} `json:"alert_info"`
	Code int `json:"code"`
}

// HealthNews says what owners and admins must know of a recorded notice about
// the account; false for what nobody has to act on.
func HealthNews(f *models.Fact) (card.Text, bool) {
	var n notice
	var wrapped struct {
		Value json.RawMessage `json:"value"`
	}
	body := f.Details
	if json.Unmarshal(body, &wrapped) == nil && len(wrapped.Value) > 0 {
		body = wrapped.Value
	}
	// A field of another form than usual leaves the others readable.
	if err := json.Unmarshal(body, &n); err != nil && n.Event == "" && n.Code == 0 {
		return card.Text{}, false
	}
	switch f.Notice {
	case "message_template_status_update", "message_template_quality_update", "template_category_update":
		return n.template()
	case "phone_number_quality_update":
		return n.number()
	case "account_update":
		return n.account(f.Label)
	case "account_alerts":
		return card.T("health.restricted", "reason", card.Name(n.Alert.Description)), n.Alert.Severity == "CRITICAL" && n.Alert.Status == "ACTIVE" && n.Alert.Description != ""
	case "security":
		return card.T("health.security", "number", phone(n.Number), "event", card.Name(spoken(n.Event))), n.Event != ""
	case "errors":
		return failing(n.Code, f.Channel)
	}
	return card.Text{}, false
}

func (n *notice) template() (card.Text, bool) {
	name := card.Name(n.Template)
	if n.Template == "" {
		return card.Text{}, false
	}
	switch n.Event {
	case "REJECTED", "PAUSED", "DISABLED":
		return card.T("health.template_"+strings.ToLower(n.Event), "template", name), true
	}
	switch {
	case n.Category != "":
		return card.T("health.template_category", "template", name, "category", card.Name(spoken(n.Category))), true
	case n.Quality == "YELLOW" || n.Quality == "RED":
		return card.T("health.template_quality", "template", name, "quality", card.Word("health.quality."+strings.ToLower(n.Quality))), true
	}
	return card.Text{}, false
}

func (n *notice) number() (card.Text, bool) {
	switch n.Event {
	case "FLAGGED":
		return card.T("health.number_flagged", "number", phone(n.Number)), true
	case "DOWNGRADE":
		limit := n.Limit
		if limit == "" {
			limit = n.OldLimit
		}
		tier, thousands := strings.CutSuffix(strings.TrimPrefix(limit, "TIER_"), "K")
		most, err := strconv.Atoi(tier)
		if thousands {
			most *= 1000
		}
		return card.T("health.limit", "n", card.Count(most)), err == nil
	}
	return card.Text{}, false
}

func (n *notice) account(label string) (card.Text, bool) {
	switch n.Event {
	case "DISABLED_UPDATE":
		key := map[string]string{"DISABLE": "health.disabled", "SCHEDULE_FOR_DISABLE": "health.disabled", "REINSTATE": "health.reinstated"}[n.Ban.State]
		return card.T(key), key != ""
	case "ACCOUNT_DELETED":
		return card.T("health.disabled"), true
	case "ACCOUNT_VIOLATION":
		return card.T("health.restricted", "reason", card.Name(spoken(n.Violation.Type))), true
	case "ACCOUNT_RESTRICTION":
		var list card.List
		for _, r := range n.Restrictions {
			list = append(list, card.Name(spoken(r.Type)))
		}
		return card.T("health.restricted", "reason", list), len(list) > 0
	case "ACCOUNT_OFFBOARDED", "PARTNER_REMOVED":
		return card.T("health.offboarded", "number", card.Name(label)), true
	}
	return card.Text{}, false
}

// failing says what an error code of the whole account means to its owner.
func failing(code int, channel string) (card.Text, bool) {
	number := card.Name(strings.TrimPrefix(channel, "whatsapp:"))
	switch {
	case code == 131042:
		return card.T("health.payment"), true
	case code == 190 || code == 10:
		return card.T("health.token", "number", number), true
	case code == 131048 || code == 80007:
		return card.T("health.limit_reached"), true
	}
	return card.Text{}, false
}

// phone is a display number as people know it.
func phone(display string) card.Value {
	if digits, ok := models.PhoneDigits(display); ok {
		return card.Phone("+" + digits)
	}
	return card.Name(display)
}

// spoken makes words of a constant: PIN_RESET_REQUEST is "pin reset request".
func spoken(constant string) string {
	return strings.ToLower(strings.ReplaceAll(constant, "_", " "))
}
