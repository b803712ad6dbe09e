package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"reflect"
	"slices"
	"time"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/bot/flow"
	"pulso/models"
	"pulso/models/store"
)

const (
	pruneEvery    = time.Hour
	sweepEvery    = 10 * time.Second // where no text may stay
	sweepPiece    = 200
	sweepRest     = 3                // times as long as a piece took
	sweepPause    = time.Second      // until it looks again whether the service is busy
	sweepPatience = time.Minute      // while deliveries come in
	sweepAtLast   = 10 * time.Minute // while more waits than can be counted
	sweepLag      = time.Minute      // what came so lately may still be overtaken by something older
	pruneLease    = 30 * time.Second
	settingSwept  = "swept"
)

// retention removes what is kept no longer, hour by hour, until the context
// ends. Of several processes the one that folds does it. What can wait waits as long
// as patience says, 0 while the service is at rest.
func (s *Service) retention(ctx context.Context, patience func() time.Duration) {
	var hourly, often time.Time
	for {
		now := s.Clock.Now()
		var err error
		switch {
		case !now.Before(hourly):
			err = s.prune(ctx, s.aside(ctx, patience))
			hourly, often = now.Add(pruneEvery), now.Add(sweepEvery)
		case !s.Config.Business.StoreText && !now.Before(often):
			err = s.sweep(ctx, s.aside(ctx, patience))
			often = now.Add(sweepEvery)
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, models.ErrTaken) {
			s.Log.Error("retention", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.Clock.After(sweepEvery):
		}
	}
}

// aside leaves the database to others after a piece of work that took some time,
// and while the service is busy; for this no longer than its patience altogether.
func (s *Service) aside(ctx context.Context, patience func() time.Duration) func(took time.Duration) {
	began := s.Clock.Wall()
	return func(took time.Duration) {
		for rest := sweepRest * took; ; rest = sweepPause {
			select {
			case <-ctx.Done():
				return
			case <-time.After(rest):
			}
			if s.Clock.Wall().Sub(began) > patience() {
				return
			}
		}
	}
}

// prune removes raw bodies that are counted and texts, once they are older than
// the settings allow. No figure changes. It fails with models.ErrTaken while
// another process folds, which then does it. Between pieces of longer work it calls
// rest with the time that one took.
func (a *App) prune(ctx context.Context, rest func(took time.Duration)) error {
	now := a.Clock.Now().UnixMilli()
	if _, err := a.Store.Acquire(ctx, "fold", a.owner, now, a.Clock.Span(pruneLease).Milliseconds()); err != nil {
		return err
	}
	if err := a.sweep(ctx, rest); err != nil {
		return err
	}
	keep := a.Config.Business.Retention
	raw, texts := 0, 0
	var err error
	if keep.Raw > 0 {
		if raw, err = a.Store.PruneRaw(ctx, now-int64(keep.Raw)); err != nil {
			return err
		}
	}
	if keep.Text > 0 {
		if _, err := a.Store.PruneTalk(ctx, now-int64(keep.Text)); err != nil {
			return err
		}
	}
	until, ok := now-int64(keep.Text), keep.Text > 0
	if !a.Config.Business.StoreText {
		until, ok = now+1, true
	}
	if ok {
		if texts, err = a.Store.PruneTexts(ctx, until); err != nil {
			return err
		}
		if err := a.pruneNotes(ctx, until); err != nil {
			return err
		}
	}
	if raw+texts > 0 {
		a.Log.Info("retention", "raw bodies removed", raw, "texts removed", texts)
	}
	return nil
}

// pruneNotes empties what events say in words, and the conversations that repeat
// it, until there is none left. It takes the fold from the writer of this process,
// which would go on with the rows that it knows.
func (a *App) pruneNotes(ctx context.Context, before int64) error {
	// A rebuild or an import of another process is not to lose it: that fails with
	// models.ErrTaken, as long as the fold is not this process's own.
	if _, err := a.Store.Acquire(ctx, "fold", a.owner, a.Clock.Now().UnixMilli(), a.Clock.Span(pruneLease).Milliseconds()); err != nil {
		return err
	}
	lease, give, err := flow.Seize(ctx, a.Store, a.Clock, a.owner+" retention")
	if err != nil {
		return err
	}
	defer give()
	rules, roster, err := a.standing(ctx)
	if err != nil {
		return err
	}
	for more := true; more; {
		err := a.Store.Fold(ctx, lease, func(page ledger.Page) error {
			contacts, err := page.(*store.Page).PruneNotes(before)
			if more = len(contacts) > 0; err != nil || !more {
				return err
			}
			return retell(page, rules, roster, contacts)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// retell gives the conversations of contacts the summaries that their events
// still tell.
func retell(page ledger.Page, rules *analytics.Rules, roster *analytics.Roster, contacts []int64) error {
	var tails []ledger.Since
	for _, id := range contacts {
		tails = append(tails, ledger.Since{Contact: id})
	}
	have, err := page.Find(ledger.Want{Contacts: contacts, Tails: tails})
	if err != nil {
		return err
	}
	rows := have.Tail
	rows.Contacts = slices.Collect(maps.Values(have.Contacts))
	_, changed, err := figures(rules, roster, &rows)
	if err != nil {
		return err
	}
	told := map[models.ConversationID]string{}
	for _, c := range changed.Conversations {
		told[c.ID] = c.Summary
	}
	save := &ledger.Changes{}
	for _, c := range rows.Conversations {
		if summary, ok := told[c.ID]; ok && summary != c.Summary {
			c.Summary = summary
			save.Conversations = append(save.Conversations, c)
		}
	}
	return page.Save(save)
}

// swept says how far raw bodies were looked through, and for what.
type swept struct {
	Upto  int64 `json:"upto"`  // id of the last delivery
	Texts bool  `json:"texts"` // words were taken out
}

// looked holds the bodies that were looked through, but lie too late to be
// behind the mark: they need not be read again.
type looked struct {
	tombs int     // for so many
	ids   []int64 // ascending
}

// begin forgets what the mark has passed, and all when there is more to look for.
func (l *looked) begin(tombs int, mark int64) {
	if l.tombs != tombs {
		*l = looked{tombs: tombs}
	}
	passed, _ := slices.BinarySearch(l.ids, mark+1)
	l.ids = slices.Clone(l.ids[passed:])
}

// already reports whether a body was looked through, and notes that it is now, if it
// is late.
func (l *looked) already(id int64, late bool) bool {
	i, ok := slices.BinarySearch(l.ids, id)
	if !ok && late {
		l.ids = slices.Insert(l.ids, i, id)
	}
	return ok
}

// sweep goes through raw bodies that were counted since the last time: it takes
// the words out where none may be kept, and removes those that name somebody who
// was forgotten. After each piece it calls rest with the time that it took.
func (a *App) sweep(ctx context.Context, rest func(took time.Duration)) error {
	r, err := a.reading(ctx)
	if err != nil || r.texts && len(r.tombs) == 0 {
		return err
	}
	var mark swept
	if _, err := a.Store.Setting(ctx, settingSwept, &mark); err != nil {
		return err
	}
	if !r.texts && !mark.Texts {
		mark = swept{Texts: true}
	}
	for whole := false; !whole; {
		if whole, err = a.pass(ctx, r, &mark, rest); err != nil {
			return err
		}
		if err = a.Store.Put(ctx, settingSwept, mark); err != nil {
			return err
		}
	}
	return nil
}

// pass goes through bodies from the mark on, and reports whether it came to the end.
// What came lately may still be overtaken by something older: from there on the mark
// stays behind, and a pass that goes on for long begins again.
func (a *App) pass(ctx context.Context, r *reading, mark *swept, rest func(took time.Duration)) (whole bool, err error) {
	a.seen.begin(len(r.tombs), mark.Upto)
	start, late := a.Clock.Wall(), false
	for after := mark.Upto; ; {
		began, settled := a.Clock.Wall(), a.Clock.Now().Add(-sweepLag).UnixMilli()<<21 // see models.Sequence
		if late && began.Sub(start) > sweepLag {
			return false, nil
		}
		list, err := a.Store.Bodies(ctx, after, sweepPiece)
		if err != nil || len(list) == 0 {
			return true, err
		}
		bodies := map[int64][]byte{}
		for _, d := range list {
			after = d.ID
			if late = late || after >= settled; !late {
				mark.Upto = after
			}
			if a.seen.already(after, late) {
				continue
			}
			if body, change := r.redacted(d); change {
				bodies[d.ID] = body
			}
		}
		if err := a.Store.Redact(ctx, bodies); err != nil {
			a.seen = looked{} // they were not
			return false, err
		}
		rest(a.Clock.Wall().Sub(began))
	}
}

// redacted returns a body without what must not be kept, nil when it cannot be
// kept at all, and reports whether that is another than the one stored.
func (r *reading) redacted(d models.Delivery) ([]byte, bool) {
	was, err := r.decode(d.Source, d.Body, d.ReceivedAt)
	if err != nil {
		return nil, !r.texts // nobody can say what is in it
	}
	for i := range was.Events {
		if _, erased := r.tomb(&was.Events[i]); erased {
			return nil, true
		}
	}
	if r.texts {
		return nil, false
	}
	body, err := withoutText(d.Body)
	if err != nil {
		return nil, true
	}
	if bytes.Equal(body, d.Body) {
		return nil, false
	}
	is, err := r.decode(d.Source, body, d.ReceivedAt)
	if err != nil || len(is.Faults) != len(was.Faults) || !sameButWords(was.Events, is.Events) {
		return nil, true
	}
	return body, true
}

// sameButWords reports whether two readings of a body tell the same, and the
// second no words.
func sameButWords(was, is []models.Event) bool {
	if len(was) != len(is) {
		return false
	}
	for i := range was {
		if is[i].Text != "" || is[i].Summary != "" {
			return false
		}
		x, y := was[i], is[i]
		x.Text, x.Summary, x.Details, y.Details = "", "", nil, nil
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}

// wordy are the keys under which sources put what people write.
func wordy(key string) bool {
	switch key {
	case "body", "caption", "text", "title", "description", "summary", "response_json", "content", "filename":
		return true
	}
	return false
}

// withoutText empties every string under a key that is for words. The rest of
// the body stays as it is, byte for byte.
func withoutText(body []byte) ([]byte, error) {
	type level struct {
		object, key, spare bool // spare: what is below says why something failed
		name               string
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var out bytes.Buffer
	stack := []level{{}}
	for last := int64(0); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			if len(stack) > 1 {
				return nil, io.ErrUnexpectedEOF
			}
			out.Write(body[last:])
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		piece := body[last:dec.InputOffset()]
		last = dec.InputOffset()
		top := &stack[len(stack)-1]
		delim, isDelim := token.(json.Delim)
		text, isText := token.(string)
		switch {
		case isDelim && (delim == '{' || delim == '['):
			stack = append(stack, level{object: delim == '{', key: delim == '{', name: top.name, spare: top.spare || top.name == "errors" || top.name == "error"})
			top.key = top.object
		case isDelim:
			stack = stack[:len(stack)-1]
			stack[len(stack)-1].key = stack[len(stack)-1].object
		case top.object && top.key:
			top.name, top.key = text, false
		default:
			if isText && text != "" && wordy(top.name) && !top.spare {
				piece = append(bytes.Clone(piece[:bytes.IndexByte(piece, '"')]), `""`...)
			}
			top.key = top.object
		}
		out.Write(piece)
	}
}
