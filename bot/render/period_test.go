package render

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"pulso/analytics"
	"pulso/bot/card"
)

// scanUnit reads "4 min" off the front of a duration.
func scanUnit(t *rapid.T, s string) (n int64, unit, rest string) {
	fields := strings.SplitN(s, " ", 3)
	if len(fields) < 2 {
		t.Fatalf("%q has no unit", s)
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(fields[0], ",", ""), 10, 64)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	if len(fields) == 3 {
		rest = fields[2]
	}
	return n, fields[1], rest
}

// TestPeriodsByTheirUnit holds that a period has the name it was asked for by,
// where several fit: in March this year is also this quarter.
func TestPeriodsByTheirUnit(t *testing.T) {
	begun := card.Period{From: dayIn(bogota, "2026-01-01"), To: wednesday}
	for unit, want := range map[string]string{
		"year": "este año (1 ene–18 mar)", "quarter": "este trimestre (1 ene–18 mar)", "": "este trimestre (1 ene–18 mar)", "week": "este trimestre (1 ene–18 mar)",
	} {
		assert.Equal(t, want, voice(t, "es", "CO").Format(card.Calendar{Period: begun, Unit: unit}), unit)
	}
}

func TestPeriodsInWords(t *testing.T) {
	whole := func(from, to string) card.Period {
		return card.Period{From: dayIn(bogota, from), To: dayIn(bogota, to)}
	}
	running := func(from string) card.Period { return card.Period{From: dayIn(bogota, from), To: wednesday} }
	part := func(date string, from, to int64) card.Period {
		return card.Period{From: dayIn(bogota, date) + from, To: dayIn(bogota, date) + to}
	}
	for _, x := range []struct {
		period card.Period
		en, es string
	}{
		{running("2026-03-18"), "today", "hoy"},
		{whole("2026-03-18", "2026-03-19"), "today", "hoy"},
		{whole("2026-03-17", "2026-03-18"), "yesterday", "ayer"},
		{whole("2026-03-19", "2026-03-20"), "tomorrow", "mañana"},
		{whole("2026-03-14", "2026-03-15"), "Sat 14 Mar", "sábado 14 mar"},
		{whole("2025-03-14", "2025-03-15"), "14 Mar 2025", "14 mar 2025"},
		{running("2026-03-16"), "this week (16–18 Mar)", "esta semana (16–18 mar)"},
		{whole("2026-03-16", "2026-03-23"), "this week (16–22 Mar)", "esta semana (16–22 mar)"},
		{whole("2026-03-09", "2026-03-16"), "last week (9–15 Mar)", "semana pasada (9–15 mar)"},
		{whole("2026-03-02", "2026-03-09"), "2–8 Mar", "2–8 mar"},
		{running("2026-03-01"), "this month (1–18 Mar)", "este mes (1–18 mar)"},
		{whole("2026-02-01", "2026-03-01"), "last month (February)", "mes pasado (febrero)"},
		{whole("2026-01-01", "2026-02-01"), "January", "enero"},
		{whole("2025-12-01", "2026-01-01"), "December 2025", "diciembre de 2025"},
		{running("2026-01-01"), "this quarter (1 Jan–18 Mar)", "este trimestre (1 ene–18 mar)"},
		{whole("2025-10-01", "2026-01-01"), "last quarter (Oct–Dec 2025)", "trimestre pasado (oct–dic 2025)"},
		{whole("2025-04-01", "2025-07-01"), "Apr–Jun 2025", "abr–jun 2025"},
		{whole("2026-01-01", "2027-01-01"), "this year (1 Jan–31 Dec)", "este año (1 ene–31 dic)"},
		{whole("2025-01-01", "2026-01-01"), "last year (2025)", "año pasado (2025)"},
		{whole("2024-01-01", "2025-01-01"), "2024", "2024"},
		{whole("2026-03-11", "2026-03-18"), "last 7 days (11–17 Mar)", "últimos 7 días (11–17 mar)"},
		{whole("2026-02-16", "2026-03-18"), "last 30 days (16 Feb–17 Mar)", "últimos 30 días (16 feb–17 mar)"},
		{whole("2026-03-02", "2026-03-16"), "last 2 weeks (2–15 Mar)", "últimas 2 semanas (2–15 mar)"},
		{whole("2026-03-05", "2026-03-13"), "5–12 Mar", "5–12 mar"},
		{whole("2026-02-27", "2026-03-04"), "27 Feb–3 Mar", "27 feb–3 mar"},
		{whole("2025-12-29", "2026-01-05"), "29 Dec 2025–4 Jan 2026", "29 dic 2025–4 ene 2026"},
		{running("2026-03-17"), "since yesterday", "desde ayer"},
		{running("2026-03-03"), "since 3 Mar", "desde el 3 mar"},
		{card.Period{From: wednesday - hour, To: wednesday}, "last hour (09:30–10:30)", "última hora (09:30–10:30)"},
		{card.Period{From: wednesday - 6*hour, To: wednesday}, "last 6 hours (04:30–10:30)", "últimas 6 horas (04:30–10:30)"},
		{card.Period{From: wednesday - 90*minute, To: wednesday}, "last 90 minutes (09:00–10:30)", "últimos 90 minutos (09:00–10:30)"},
		{card.Period{From: wednesday - day, To: wednesday}, "last 24 hours (yesterday 10:30–today 10:30)", "últimas 24 horas (ayer 10:30–hoy 10:30)"},
		{part("2026-03-17", 9*hour, 12*hour), "yesterday, 09:00–12:00", "ayer, 09:00–12:00"},
		{part("2026-03-18", 0, 8*hour), "today, 00:00–08:00", "hoy, 00:00–08:00"},
		{part("2026-03-17", 19*hour, 24*hour), "yesterday, 19:00–00:00", "ayer, 19:00–00:00"},
		{part("2026-03-16", 19*hour, 30*hour), "Mon 16 Mar 19:00 – yesterday 06:00", "lunes 16 mar 19:00 – ayer 06:00"},
		{card.Period{From: wednesday, To: wednesday}, "now", "ahora"},
		{card.Period{From: wednesday - hour, To: wednesday - hour}, "09:30", "09:30"},
	} {
		assert.Equal(t, x.en, voice(t, "en", "").Format(x.period))
		assert.Equal(t, x.es, voice(t, "es", "CO").Format(x.period))
	}
}

func TestPeriodsOnAMonday(t *testing.T) {
	monday := dayIn(bogota, "2026-06-01") + 9*hour
	v := testRenderer(t).Voice(Locale{Language: "en", Zone: bogota, Now: monday})
	say := func(from, to string) string {
		return v.Format(card.Period{From: dayIn(bogota, from), To: dayIn(bogota, to)})
	}
	assert.Equal(t, "today", v.Format(card.Period{From: dayIn(bogota, "2026-06-01"), To: monday}))
	assert.Equal(t, "last week (25–31 May)", say("2026-05-25", "2026-06-01"))
	assert.Equal(t, "last 2 weeks (18–31 May)", say("2026-05-18", "2026-06-01"))
	assert.Equal(t, "last month (May)", say("2026-05-01", "2026-06-01"))
}

// TestDaysThatAreNot24HoursLong tells days by the calendar, not by their length.
func TestDaysThatAreNot24HoursLong(t *testing.T) {
	for _, x := range []struct{ zone, date string }{
		{"America/New_York", "2026-03-08"}, {"America/New_York", "2026-11-01"}, {"America/Asuncion", "2024-10-06"}, {"Africa/Cairo", "2024-04-26"},
	} {
		z := analytics.MustZone(x.zone)
		d, err := analytics.ParseDay(x.date)
		assert.NoError(t, err)
		v := testRenderer(t).Voice(Locale{Language: "en", Zone: z, Now: z.Start(d+1) + 5*hour})
		assert.Equal(t, "yesterday", v.Format(card.Period(z.Days(d, d+1))), x)
		assert.Equal(t, "last 2 days ("+v.dates(d-1, d)+")", v.Format(card.Period(z.Days(d-1, d+1))), x)
	}
}

// TestNoTwoPeriodsSoundAlike: whole days that differ are told differently.
func TestNoTwoPeriodsSoundAlike(t *testing.T) {
	v := voice(t, "es", "CO")
	today := v.today()
	draw := rapid.Custom(func(t *rapid.T) [2]analytics.Day {
		from := today - analytics.Day(rapid.IntRange(0, 900).Draw(t, "back"))
		return [2]analytics.Day{from, from + analytics.Day(rapid.IntRange(1, 400).Draw(t, "days"))}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		if rapid.Bool().Draw(t, "same start") {
			b[0] = a[0]
			b[1] = max(b[1], b[0]+1)
		}
		x, y := v.Format(card.Period(bogota.Days(a[0], a[1]))), v.Format(card.Period(bogota.Days(b[0], b[1])))
		if (a == b) != (x == y) {
			t.Fatalf("%v and %v are told as %q and %q", a, b, x, y)
		}
	})
}

func TestAnyPeriodCanBeTold(t *testing.T) {
	v := voice(t, "pt", "BR")
	rapid.Check(t, func(t *rapid.T) {
		p := card.Period{From: rapid.Int64Range(-1<<40, 1<<42).Draw(t, "from"), To: rapid.Int64Range(-1<<40, 1<<42).Draw(t, "to")}
		if s := v.Format(p); strings.TrimSpace(s) == "" || strings.Contains(s, "period.") {
			t.Fatalf("%v is told as %q", p, s)
		}
	})
}
