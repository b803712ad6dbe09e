package report

import (
	"fmt"
	"slices"
	"strings"

	"pulso/analytics"
)

// Rates is a business's rate card.
type Rates struct {
	Currency string // ISO 4217
	// Price returns the price of one message of a pricing category in millionths
	// of the currency, and false when the card has none: nothing is guessed.
	Price func(category string) (int64, bool)
}

// Cost is what messages come to by the rate card.
type Cost struct {
	Currency string
	Value    int64    // millionths; of those that have a price
	Unpriced []string // pricing categories without one, in order; "" is none
	priced   int64
}

// Known reports whether there is an amount to tell: none of what was counted is
// without a price, or some of it has one.
func (c *Cost) Known() bool { return c.priced > 0 || len(c.Unpriced) == 0 }

// Amount writes the value as a decimal number.
func (c *Cost) Amount() string {
	s := fmt.Sprintf("%d.%06d", c.Value/1e6, c.Value%1e6)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

func (c *Cost) add(category string, n int64, r *Rates) {
	price, ok := r.Price(category)
	switch {
	case n == 0:
	case ok:
		c.Value += n * price
		c.priced += n
	case !slices.Contains(c.Unpriced, category):
		c.Unpriced = append(c.Unpriced, category)
		slices.Sort(c.Unpriced)
	}
}

// billable is the metric that a rate card prices.
const billable = "messages_billable"

// price puts costs beside the billable messages of a period's rows and total.
// Rows are of any dimension; prices are by pricing category, so each row is
// told apart by that once more.
func (s *session) price(rows []Row, total *Row, period analytics.Span) error {
	at := slices.IndexFunc(s.metrics, func(m analytics.Metric) bool { return m.Key == billable })
	if at < 0 || s.Rates == nil {
		return nil
	}
	apart := *s
	apart.metrics, apart.stocks, apart.waits = s.metrics[at:at+1], false, false
	if !slices.Contains(s.ask.By, analytics.ByPricing) {
		apart.ask.By = append(slices.Clone(s.ask.By), analytics.ByPricing)
	}
	category := slices.Index(apart.ask.By, analytics.ByPricing)
	parts, _, err := apart.table(period, false)
	if err != nil {
		return fmt.Errorf("price messages: %w", err)
	}
	of := map[string]*Cost{}
	for i := range rows {
		of[rows[i].key()] = &Cost{Currency: s.Rates.Currency}
		rows[i].Figures[at].Cost = of[rows[i].key()]
	}
	all := &Cost{Currency: s.Rates.Currency}
	total.Figures[at].Cost = all
	for _, part := range parts {
		name, n := part.Values[category], part.Figures[0].N
		all.add(name, n, s.Rates)
		part.Values = part.Values[:len(s.ask.By)]
		if c := of[part.key()]; c != nil && len(s.ask.By) > 0 {
			c.add(name, n, s.Rates)
		}
	}
	return nil
}

// key tells rows apart.
func (r *Row) key() string { return strings.Join(r.Values, "\x1f") }
