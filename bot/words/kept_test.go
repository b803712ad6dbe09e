package words

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestNothingIsDropped holds that a word that is understood changes the answer.
func TestNothingIsDropped(t *testing.T) {
	r, b := testReader(t)
	for text, want := range map[string]string{
		"first response business by agent last week":                       "first_response_business by agent last week",
		"first_response business by agent last week":                       "first_response_business by agent last week",
		"response time business yesterday":                                 "response_time_business yesterday",
		"primera respuesta en horario laboral por agente la semana pasada": "first_response_business by agent last week",
		"primeira resposta em horário comercial por agente semana passada": "first_response_business by agent last week",
		"tempo de primeira resposta no expediente por equipe ontem":        "first_response_business by team yesterday",
		"heatmap first response by weekday hour":                           "first_response by weekday, hour last 30 days",
		"first response by weekday hour last month":                        "first_response by weekday, hour last month",
		"mensajes recibidos por día y canal la semana pasada en gráfico":   "messages_received by day, channel last week as chart",
		"mensajes recibidos por día y canal la semana pasada":              "messages_received by day, channel last week",
		"mensagens recebidas por dia e canal na semana passada":            "messages_received by day, channel last week",
		"messages received by day and channel last week":                   "messages_received by day, channel last week",
		"mensajes por hora del día ayer":                                   "messages_received by hour yesterday",
		"mensajes recibidos por día, canal Sede Laureles, esta semana":     "messages_received by day where channel whatsapp:2002 this week",
		"enviados y leídos por plantilla y canal el mes pasado":            "messages_sent, messages_read by template, channel last month",
	} {
		assert.Equal(t, want, b.Canonical(r.Read(input(b, "", text))), text)
	}
}

// TestCost holds that what messages cost is understood as the billable ones, and
// that other money is not.
func TestCost(t *testing.T) {
	r, b := testReader(t)
	for text, want := range map[string]string{
		"cost of messages last month":                  "messages_billable last month",
		"how much did we spend this month":             "messages_billable this month",
		"how much did we spend on messages last week":  "messages_billable last week",
		"how much money did we spend on messages":      "messages_billable today",
		"messaging costs by category last month":       "messages_billable by pricing_category last month",
		"what did whatsapp cost us last month":         "messages_billable last month",
		"cuánto gastamos en mensajes este mes":         "messages_billable this month",
		"cuánto gastamos este mes":                     "messages_billable this month",
		"cuánta plata gastamos en mensajes ayer":       "messages_billable yesterday",
		"costo del mes":                                "messages_billable this month",
		"costo de los mensajes de la semana pasada":    "messages_billable last week",
		"gasto por categoría del mes pasado":           "messages_billable by pricing_category last month",
		"cuánto hemos gastado este mes":                "messages_billable this month",
		"quanto gastamos este mês":                     "messages_billable this month",
		"quanto gastamos com mensagens no mês passado": "messages_billable last month",
		"custo do mês":                                 "messages_billable this month",
		"custo das mensagens ontem":                    "messages_billable yesterday",
		"what does a house cost":                       "",
		"how much does it cost":                        "",
		"cuánto cuesta un carro":                       "",
		"qual o custo de vida":                         "",
		"how much did customers spend this month":      "",
		"how much did we spend on ads last month":      "",
		"cuánto gastamos en publicidad este mes":       "",
		"cuánto vendimos este mes":                     "",
		"how much money did we make":                   "",
		"quanto gastamos com anúncios este mês":        "",
		"faturamento do mês":                           "",
	} {
		assert.Equal(t, want, b.Canonical(r.Read(input(b, "", text))), text)
	}
}
