package cloudapi

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/valyala/fastjson"

	"pulso/models"
)

// Decode reads one body with a parser that nothing was read with before.
func Decode(body []byte, receivedAt int64) models.Decoded {
	return decode(new(fastjson.Parser), body, receivedAt)
}

const received = 1795446000000 // 2026-11-23

// one wraps elements into a webhook of one change.
func one(field, value string) string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"2060","changes":[{"value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"573001110000","phone_number_id":"1060"},` + value + `},"field":"` + field + `"}]}]}`
}

const luz = `"contacts":[{"profile":{"name":"Luz"},"wa_id":"573001112233"}]`

func BenchmarkDecode(b *testing.B) {
	var batch bytes.Buffer
	for i := range 1000 {
		if i > 0 {
			batch.WriteByte(',')
		}
		fmt.Fprintf(&batch, `{"from":"573001112233","id":"wamid.HBgMNTczMDAxMTEyMjMzFQIAEhgUM0E%06d","timestamp":"1795440000","type":"text","text":{"body":"hola"}}`, i)
	}
	bodies := map[string]string{
		"message": one("messages", luz+`,"messages":[{"from":"573001112233","id":"wamid.HBgMNTczMDAxMTEyMjMzFQIAEhgUM0E1QjdDOUQwRTFGMkEzQjRDNUQ2RTcA","timestamp":"1795440000","type":"text","text":{"body":"¿Tienen la blusa azul en talla M?"}}]`),
		"status":  one("messages", luz+`,"statuses":[{"id":"wamid.HBgMNTczMDAxMTEyMjMzFQIAEhgUM0E1QjdDOUQwRTFGMkEzQjRDNUQ2RTcA","status":"delivered","timestamp":"1795440000","recipient_id":"573001112233","biz_opaque_callback_data":"v1|a=17|k=reply","pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"marketing"}}]`),
		"batch":   one("messages", luz+`,"messages":[`+batch.String()+`]`),
	}
	for _, name := range []string{"message", "status", "batch"} {
		body := []byte(bodies[name])
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if d := Decode(body, received); len(d.Events) == 0 || len(d.Faults) > 0 {
					b.Fatal(d.Faults)
				}
			}
		})
	}
}
