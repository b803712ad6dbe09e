package bot_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"pulso/bot"
	"pulso/bot/card"
	"pulso/models"
)

func TestHealthNews(t *testing.T) {
	for _, c := range []struct{ subject, details, want string }{
		{"message_template_status_update", `{"event":"PAUSED","message_template_name":"aviso_1","message_template_language":"es"}`, "Template aviso_1 is paused"},
		{"message_template_status_update", `{"value":{"event":"REJECTED","message_template_name":"aviso_1"}}`, "Template aviso_1 was rejected"},
		{"message_template_status_update", `{"event":"APPROVED","message_template_name":"aviso_1"}`, ""},
		{"message_template_quality_update", `{"new_quality_score":"RED","message_template_name":"aviso_1"}`, "Quality of template aviso_1: low"},
		{"message_template_quality_update", `{"new_quality_score":"GREEN","message_template_name":"aviso_1"}`, ""},
		{"template_category_update", `{"new_category":"MARKETING","message_template_name":"aviso_1"}`, "Meta moved template aviso_1 to marketing"},
		{"phone_number_quality_update", `{"event":"FLAGGED","display_phone_number":"573001112233"}`, "was flagged for low quality"},
		{"phone_number_quality_update", `{"event":"DOWNGRADE","max_daily_conversations_per_business":"TIER_2K"}`, "New messaging limit: 2,000 contacts"},
		{"phone_number_quality_update", `{"event":"DOWNGRADE","current_limit":"TIER_UNLIMITED"}`, ""},
		{"phone_number_quality_update", `{"event":"UPGRADE","current_limit":"TIER_10K"}`, ""},
		{"account_update", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"DISABLE"}}`, "Meta disabled the account"},
		{"account_update", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"REINSTATE"}}`, "The account is active again"},
		{"account_update", `{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING"}]}`, "restricted biz initiated messaging"},
		{"account_update", `{"event":"AD_ACCOUNT_LINKED"}`, ""},
		{"account_alerts", `{"alert_info":{"alert_severity":"CRITICAL","alert_status":"ACTIVE","alert_description":"Verify the business"}}`, "Verify the business"},
		{"security", `{"event":"PIN_RESET_REQUEST","display_phone_number":"573001112233"}`, "pin reset request"},
		{"errors", `{"code":131042,"title":"payment"}`, "Payment problem"},
		{"errors", `{"code":190}`, "refuses the access token of 1060"},
		{"errors", `[]`, ""},
		{"flows", `{"event":"PAUSED","message_template_name":"x"}`, ""},
	} {
		text, ok := bot.HealthNews(&models.Fact{Notice: c.subject, Details: []byte(c.details), Channel: "whatsapp:1060", Label: "2001"})
		assert.Equal(t, c.want != "", ok, "%s %s", c.subject, c.details)
		if ok {
			assert.Contains(t, told(t, "en", card.Card{Blocks: []card.Block{card.Line{Text: text}}}), c.want)
		}
	}
}
