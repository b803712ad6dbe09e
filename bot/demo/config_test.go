package demo_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
	"pulso/cmd/pulso/app/config"
)

func setup() demo.Setup {
	return demo.Setup{
		GraphURL: "http://127.0.0.1:9090", Token: token, AppSecret: `se"cret: #1`, VerifyToken: "verify", EventsToken: "events-token", Now: noon,
	}
}

func TestConfigLoads(t *testing.T) {
	shop := newShop(t, 1)
	c, err := config.Load(config.Options{
		Path: "demo.yaml", Languages: []string{"es", "en", "pt"},
		ReadFile: func(string) ([]byte, error) { return []byte(shop.Config(setup())), nil },
	})
	require.NoError(t, err)
	assert.Equal(t, demo.Business, c.Business.Name)
	assert.Len(t, c.Staff, 8)
	bot, ok := c.Bot()
	require.True(t, ok)
	assert.Equal(t, demo.Bot, bot.PhoneNumberID)
	require.Len(t, c.WhatsApp, len(shop.Numbers()))
	for i, n := range shop.Numbers() {
		assert.Equal(t, n.ID, c.WhatsApp[i].PhoneNumberID)
		assert.Equal(t, n.WABA, c.WhatsApp[i].WABAID)
		assert.Equal(t, "http://127.0.0.1:9090", c.WhatsApp[i].GraphURL)
		assert.Equal(t, `se"cret: #1`, c.WhatsApp[i].AppSecrets[0].Reveal())
		assert.Equal(t, token, c.WhatsApp[i].AccessToken.Reveal())
	}
	assert.Equal(t, manager, c.People[0].Key())
	assert.Equal(t, "Olga Duarte", c.People[0].Name)
	assert.Equal(t, "es", c.People[0].Language)
	assert.Len(t, c.Alerts, 3)
	_, err = c.Rules()
	assert.NoError(t, err)
}
