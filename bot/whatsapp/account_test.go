package whatsapp

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo/graph"
)

func TestAccount(t *testing.T) {
	w := newWorld(t)
	phone, err := w.Client.Phone(t.Context())
	require.NoError(t, err)
	assert.Equal(t, Phone{
		ID: shop, Display: "+57 601 5550100", Name: "Tienda Luna", Quality: "GREEN", Throughput: "STANDARD",
		MessagingLimit: "TIER_2K", Status: "CONNECTED", Platform: "CLOUD_API",
	}, phone)
	phones, err := w.PhoneNumbers(t.Context())
	require.NoError(t, err)
	require.Len(t, phones, 2)
	assert.Equal(t, "Tienda Sol", phones[1].Name)
	account, err := w.WABA(t.Context())
	require.NoError(t, err)
	assert.Equal(t, Account{ID: waba, Name: "Tienda Luna", Currency: "USD", Review: "APPROVED"}, account)
	apps, err := w.Subscribed(t.Context())
	require.NoError(t, err)
	require.Len(t, apps, 1)
	assert.NotEmpty(t, apps[0].ID)

	w = newWorld(t, func(o *graph.Options) { o.Unsubscribed = true })
	apps, err = w.Subscribed(t.Context())
	require.NoError(t, err)
	assert.Empty(t, apps)

	w = newWorld(t, func(o *graph.Options) { o.Token = "another" })
	_, err = w.Client.Phone(t.Context())
	require.Error(t, err)
	_, err = w.PhoneNumbers(t.Context())
	require.Error(t, err)
	_, err = w.WABA(t.Context())
	require.Error(t, err)
	_, err = w.Subscribed(t.Context())
	require.Error(t, err)
	_, err = w.Templates(t.Context())
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, StopChannel, e.Policy().Action)
}

func TestTemplates(t *testing.T) {
	w := newWorld(t)
	status, category, err := w.PushTemplate(t.Context(), digest())
	require.NoError(t, err)
	assert.Equal(t, []string{StatusPending, "UTILITY"}, []string{status, category})
	_, _, err = w.PushTemplate(t.Context(), digest())
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.True(t, e.Exists())
	_, _, err = w.PushTemplate(t.Context(), Definition{
		Name: "positional", Language: "pt_BR", Category: "UTILITY", Header: "Resumo de {{1}}", HeaderExamples: []Param{{Text: "hoje"}},
		Body: "Hoje chegaram {{1}} mensagens.", BodyExamples: []Param{{Text: "4"}},
	})
	require.NoError(t, err)
	_, _, err = w.PushTemplate(t.Context(), Definition{Name: "plain", Language: "es", Category: "UTILITY", Body: "Hola, hay novedades."})
	require.NoError(t, err)
	_, _, err = w.PushTemplate(t.Context(), Definition{Name: "bad", Language: "es", Category: "UTILITY", Body: "{{1}}", BodyExamples: []Param{{Text: "4"}}})
	require.ErrorAs(t, err, &e)
	assert.False(t, e.Exists())
	assert.Equal(t, Bug, e.Policy().Action)
	w.pass()
	require.NoError(t, w.SetTemplate(waba, "plain", "es", "REJECTED"))

	all, err := w.Templates(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 3)
	assert.NotEmpty(t, all[0].ID)
	all[0].ID = ""
	assert.Equal(t, Template{
		Name: "daily_digest_v1", Language: "es", Status: StatusApproved, Category: "UTILITY", Named: true, Header: "Resumen de {{fecha}}",
		Body:   "Usted pidió este resumen diario. Recibidos {{recibidos}}, respondidos {{respondidos}} hasta ahora.",
		Footer: "Responda STOP para no recibirlo", QuickReplies: []string{"Ver todo", "Ayer"}, Reason: "NONE",
	}, all[0])
	assert.Equal(t, "pt_BR", all[1].Language)
	assert.False(t, all[1].Named)
	assert.Equal(t, []string{StatusRejected, "INVALID_FORMAT"}, []string{all[2].Status, all[2].Reason})
}

func TestTemplatesOverManyPages(t *testing.T) {
	w := newWorld(t, func(o *graph.Options) { o.MaxTemplates = 300 })
	for i := range 100 {
		_, _, err := w.PushTemplate(t.Context(), Definition{Name: fmt.Sprint("t", i), Language: "es", Category: "UTILITY", Body: fmt.Sprint("Resumen número ", i)})
		require.NoError(t, err)
	}
	for range 180 {
		w.pass()
	}
	for i := range 100 {
		_, _, err := w.PushTemplate(t.Context(), Definition{Name: fmt.Sprint("u", i), Language: "es", Category: "UTILITY", Body: fmt.Sprint("Otro resumen número ", i)})
		require.NoError(t, err)
	}
	before := len(w.Calls())
	all, err := w.Templates(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 200)
	assert.Equal(t, "u99", all[199].Name)
	assert.Len(t, w.Calls(), before+2)
}

func TestListThatNeverEnds(t *testing.T) {
	client := newClient(t, "http://graph.test")
	client.http.Transport = answering{status: 200, header: http.Header{}, body: `{"data":[{"id":"1"}],"paging":{"cursors":{"after":"x"},"next":"http://127.0.0.1:1/steal"}}`}
	_, err := client.Templates(t.Context())
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, Unreadable, e.Kind)
}
