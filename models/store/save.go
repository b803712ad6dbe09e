package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"

	"pulso/analytics/ledger"
	"pulso/models"
)

// Save writes the changes. Rows go in key order, so that writers that meet
// wait for each other instead of deadlocking.
func (p *Page) Save(c *ledger.Changes) error {
	if err := p.write(); err != nil {
		return err
	}
	steps := []struct {
		what string
		do   func(*ledger.Changes) error
	}{
		{"identities", p.saveIdentities}, {"contacts", p.saveContacts},
		{"messages", p.saveMessages}, {"facts", p.saveFacts}, {"conversations", p.saveConversations},
		{"cells", p.saveCells}, {"horizon", p.saveHorizon}, {"oddities", p.saveOddities},
		{"deliveries", p.saveDeliveries},
		{"commands", func(c *ledger.Changes) error { return p.saveTalk(c.Commands, c.Receipts, c.At) }},
	}
	for _, s := range steps {
		if err := s.do(c); err != nil {
			return fmt.Errorf("save %s: %w", s.what, err)
		}
	}
	return nil
}

func (p *Page) saveDeliveries(c *ledger.Changes) error {
	err := chunks(p.s, c.Folded, 1, func(ids []int64) error {
		if err := p.tx.Exec("DELETE FROM faults WHERE delivery IN ?", ids).Error; err != nil {
			return err
		}
		return p.tx.Exec("DELETE FROM pending WHERE id IN ?", ids).Error
	})
	if err != nil {
		return err
	}
	rows := make([]faultRow, len(c.Faults))
	for i, f := range c.Faults {
		rows[i] = faultRow{ID: p.s.ids.Next(c.At), Delivery: f.Delivery, At: c.At, Element: clip(f.Element, 512), Reason: f.Reason, Body: f.Body}
	}
	return add(p.s, p.tx, rows)
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n]
}

func (p *Page) saveIdentities(c *ledger.Changes) error {
	aliases := make([]aliasRow, 0, len(c.Aliases))
	for a, contact := range c.Aliases {
		aliases = append(aliases, aliasRow{a.Kind, a.Value, contact})
	}
	sort.Slice(aliases, func(i, j int) bool {
		if aliases[i].Kind != aliases[j].Kind {
			return aliases[i].Kind < aliases[j].Kind
		}
		return aliases[i].Value < aliases[j].Value
	})
	if err := put(p.s, p.tx, aliases); err != nil {
		return err
	}
	links := make([]linkRow, len(c.Links))
	for i, l := range c.Links {
		links[i] = newLinkRow(l)
	}
	if err := put(p.s, p.tx, links); err != nil {
		return err
	}
	merges := make([]mergeRow, len(c.Merges))
	for i, m := range c.Merges {
		merges[i] = newMergeRow(m)
	}
	if err := put(p.s, p.tx, merges); err != nil {
		return err
	}
	last := map[[3]string]sightingRow{} // of the same agent twice, the later row holds both
	for _, s := range c.Sightings {
		last[[3]string{s.ID, s.Name, s.Team}] = sightingRow{s.ID, s.Name, s.Team, s.First, s.At}
	}
	return put(p.s, p.tx, slices.Collect(maps.Values(last)))
}

func (p *Page) saveContacts(c *ledger.Changes) error {
	sort.Slice(c.Contacts, func(i, j int) bool { return c.Contacts[i].ID < c.Contacts[j].ID })
	if err := enter(p, c, values(append(c.Contacts, c.States...)), func(r *models.Contact) int64 { return r.ID }); err != nil {
		return err
	}
	return chunks(p.s, c.Gone, 1, func(ids []int64) error {
		return p.tx.Exec("DELETE FROM contacts WHERE id IN ?", ids).Error
	})
}

// enter adds the rows whose ids are new, and puts the others in the place of what
// they were. Rows come in the order of their ids, in which the new ones are last.
func enter[T any](p *Page, c *ledger.Changes, rows []T, id func(*T) int64) error {
	for len(rows) > 0 {
		fresh, n := c.New[id(&rows[0])], 1
		for n < len(rows) && c.New[id(&rows[n])] == fresh {
			n++
		}
		if err := write(p.s, p.tx, rows[:n], !fresh); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func values[T any](list []*T) []T {
	out := make([]T, len(list))
	for i, x := range list {
		out[i] = *x
	}
	return out
}

func (p *Page) saveMessages(c *ledger.Changes) error {
	sort.Slice(c.Messages, func(i, j int) bool { return c.Messages[i].Row < c.Messages[j].Row })
	rows, known := make([]messageRow, 0, len(c.Messages)), []messageRow(nil)
	for _, m := range c.Messages {
		row := newMessageRow(m)
		if old := c.OldMessages[m.Row]; old != nil && old.Contact == m.Contact && old.Message.At() == row.At {
			known = append(known, row)
		} else {
			rows = append(rows, row)
		}
	}
	if err := enter(p, c, rows, func(r *messageRow) int64 { return r.Row }); err != nil {
		return err
	}
	if err := patch(p.s, p.tx, known, "contact", "at", "hash", "channel", "wamid"); err != nil {
		return err
	}
	var texts []textRow
	for _, m := range c.Messages {
		if t := c.Texts[m.Row]; t != "" {
			texts = append(texts, textRow{m.Row, m.Message.At(), []byte(t)})
		}
	}
	return put(p.s, p.tx, texts)
}

func (p *Page) saveFacts(c *ledger.Changes) error {
	sort.Slice(c.Facts, func(i, j int) bool { return c.Facts[i].Row < c.Facts[j].Row })
	rows := make([]factRow, len(c.Facts))
	for i, f := range c.Facts {
		rows[i] = newFactRow(f)
	}
	return enter(p, c, rows, func(r *factRow) int64 { return r.Row })
}

func (p *Page) saveConversations(c *ledger.Changes) error {
	err := chunks(p.s, c.Vanished, 1, func(ids []models.ConversationID) error {
		raw := make([][]byte, len(ids))
		for i := range ids {
			raw[i] = ids[i][:]
		}
		return p.tx.Exec("DELETE FROM conversations WHERE id IN ?", raw).Error
	})
	if err != nil {
		return err
	}
	sort.Slice(c.Conversations, func(i, j int) bool { return string(c.Conversations[i].ID[:]) < string(c.Conversations[j].ID[:]) })
	rows, known := make([]conversationRow, 0, len(c.Conversations)), make([]conversationRow, 0, len(c.OldConversations))
	for _, x := range c.Conversations {
		row := newConversationRow(x)
		if old := c.OldConversations[x.ID]; old != nil && row.standsLike(old) {
			known = append(known, row)
		} else {
			rows = append(rows, row)
		}
	}
	if err := put(p.s, p.tx, rows); err != nil {
		return err
	}
	return patch(p.s, p.tx, known, "contact", "opened_at", "multi", "first_reply_by", "first_reply_at", "channel")
}

func (p *Page) saveCells(c *ledger.Changes) error {
	var rows []cellRow
	for k, cell := range c.Cells {
		if cell.Empty() {
			err := p.tx.Exec("DELETE FROM cells WHERE grp = ? AND tier = ? AND day = ? AND dims = ?", k.Group, k.Tier, k.Day, k.Dims).Error
			if err != nil {
				return err
			}
			continue
		}
		rows = append(rows, cellRow{k.Group, k.Tier, k.Day, k.Dims, cell.Encode()})
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].before(&rows[j]) })
	return put(p.s, p.tx, rows)
}

func (r *cellRow) before(o *cellRow) bool {
	switch {
	case r.Grp != o.Grp:
		return r.Grp < o.Grp
	case r.Tier != o.Tier:
		return r.Tier < o.Tier
	case r.Day != o.Day:
		return r.Day < o.Day
	}
	return r.Dims < o.Dims
}

func (p *Page) saveHorizon(c *ledger.Changes) error {
	var rows []aheadRow
	for contact, at := range c.Ahead {
		rows = append(rows, aheadRow{contact, at})
	}
	if err := put(p.s, p.tx, rows); err != nil {
		return err
	}
	if c.Rules != "" {
		if err := p.set(settingRules, c.Rules); err != nil {
			return err
		}
	}
	if c.Horizon == 0 {
		return nil
	}
	var since, horizon int64
	if _, err := setting(p.tx, settingSince, &since); err != nil {
		return err
	}
	if _, err := setting(p.tx, settingHorizon, &horizon); err != nil {
		return err
	}
	if since == 0 || c.Since < since {
		if err := p.set(settingSince, c.Since); err != nil {
			return err
		}
	}
	if c.Horizon > horizon {
		return p.set(settingHorizon, c.Horizon)
	}
	return nil
}

// saveOddities adds what is odd to what was odd before.
func (p *Page) saveOddities(c *ledger.Changes) error {
	if c.Odd.Empty() {
		return nil
	}
	var all models.Oddities
	if _, err := setting(p.tx, settingOddities, &all); err != nil {
		return err
	}
	all.Add(c.Odd)
	return p.set(settingOddities, all)
}

func (p *Page) set(name string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := p.write(); err != nil {
		return err
	}
	return put(p.s, p.tx, []settingRow{{name, body}})
}
