package analytics

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/models"
)

// A script tells one contact's facts, one in each part between semicolons: when
// it happens (as 1h30m after the beginning), what, and of what. A channel other
// than the first stands at the end as @2.
//
//	in  ad                       a customer's message, from an advertisement
//	agent NAME  phone            somebody of the business writes
//	bot  automation  campaign    a machine does
//	opened WHO                   the source opens
//	assigned NAME                the source assigns, to nobody without a name
//	closed WHO CATEGORY          the source closes
//	call  added ORIGIN
const scriptStart = int64(1_773_500_000_000)

func script(t require.TestingT, text string) ([]*models.Placed, []*models.Fact) {
	var messages []*models.Placed
	var facts []*models.Fact
	for i, part := range strings.Split(text, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		channel := "whatsapp:1"
		if last := words[len(words)-1]; last[0] == '@' {
			channel, words = "whatsapp:"+last[1:], words[:len(words)-1]
		}
		d, err := time.ParseDuration(words[0])
		require.NoError(t, err, part)
		at, key := scriptStart+d.Milliseconds(), fmt.Sprintf("k%02d", i)
		if m := scriptMessage(words[1:]); m != nil {
			m.Channel, m.ID, m.ProviderAt = channel, key, at
			messages = append(messages, m)
			continue
		}
		f := scriptFact(words[1:])
		require.NotNil(t, f, part)
		f.Channel, f.Key, f.At = channel, key, at
		facts = append(facts, f)
	}
	return messages, facts
}

func word(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return ""
}

func scriptMessage(words []string) *models.Placed {
	m := &models.Placed{Message: models.Message{Dir: models.Out, Kind: "text"}}
	switch words[0] {
	case "in", "ad":
		m.Dir, m.Ad = models.In, words[0] == "ad"
	case "agent":
		m.Sender, m.Agent = models.ClassAgent, "~"+words[1]
	case "phone":
		m.Sender, m.Echo = models.ClassPhone, true
	case "bot":
		m.Sender = models.ClassBot
	case "automation":
		m.Sender = models.ClassAutomation
	case "campaign":
		m.Sender = models.ClassCampaign
	default:
		return nil
	}
	return m
}

func scriptFact(words []string) *models.Fact {
	who := word(words, 1)
	switch words[0] {
	case "opened":
		return &models.Fact{Kind: models.ConversationOpened, By: who}
	case "assigned":
		f := &models.Fact{Kind: models.ConversationAssigned}
		if who != "" {
			f.Agent = "~" + who
		}
		return f
	case "closed":
		return &models.Fact{Kind: models.ConversationClosed, By: who, Category: word(words, 2)}
	case "call":
		return &models.Fact{Kind: models.CallReceived}
	case "added":
		return &models.Fact{Kind: models.ContactAdded, Origin: who}
	}
	return nil
}

// since writes a moment as a script does; "-" for none.
func since(ms int64) string {
	if ms == 0 {
		return "-"
	}
	text := (time.Duration(ms-scriptStart) * time.Millisecond).String()
	text = strings.TrimSuffix(text, "0s")
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	if text == "" {
		return "0"
	}
	return text
}

// told writes what a fold made of a conversation.
func told(c models.Conversation) string {
	text := fmt.Sprintf("%s by %s, closed %s by %s", since(c.OpenedAt), c.OpenedBy, since(c.ClosedAt), c.ClosedBy)
	add := func(holds bool, format string, args ...any) {
		if holds {
			text += ", " + fmt.Sprintf(format, args...)
		}
	}
	add(c.Assignee != "", "%s's", c.Assignee)
	add(c.FirstReplyAt != 0, "first %s", since(c.FirstReplyAt))
	add(c.FirstAnyAt != 0 && c.FirstAnyAt != c.FirstReplyAt, "any %s", since(c.FirstAnyAt))
	add(c.WaitingSince != 0, "waiting %s", since(c.WaitingSince))
	add(c.Reopened, "reopened")
	add(c.First, "new")
	add(c.Category != "", "%s", c.Category)
	hands := 0
	for _, a := range c.Assignments {
		if a.From != "" && a.Agent != "" && a.From != a.Agent {
			hands++
		}
	}
	add(hands > 0, "transfers %d", hands)
	return text
}

func fold(t require.TestingT, r *Rules, text string) (Story, []*models.Placed) {
	messages, facts := script(t, text)
	story, _ := Fold(r, NewRoster(nil, nil), nil, messages, facts, 0)
	return story, messages
}

// TestFoldFollowsTheRules: docs/metrics.md, "Conversation", line by line.
func TestFoldFollowsTheRules(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		want   []string
	}{
		"a customer opens, silence closes":    {"0s in", []string{"0 by contact, closed 24h by timeout, waiting 0, new"}},
		"a human opens":                       {"0s agent ana", []string{"0 by agent, closed 24h by timeout, ~ana's, new"}},
		"the app opens":                       {"0s phone", []string{"0 by agent, closed 24h by timeout, phone's, new"}},
		"a bot opens none":                    {"0s bot", nil},
		"a campaign opens none":               {"0s campaign; 1h automation", nil},
		"the source opens":                    {"0s opened agent", []string{"0 by agent, closed 720h by timeout, new"}},
		"the source's word for users":         {"0s opened user", []string{"0 by agent, closed 720h by timeout, new"}},
		"the source's word for anything else": {"0s opened workflow", []string{"0 by automation, closed 720h by timeout, new"}},
		"the source gives no word, then a customer": {"0s opened; 1m in", []string{
			"0 by contact, closed 720h1m by timeout, waiting 1m, new"}},
		"an opened event while one is open joins it": {"0s in; 5m opened agent", []string{
			"0 by agent, closed 720h by timeout, waiting 0, new"}},
		"an answer to a campaign": {"0s campaign; 23h59m in", []string{
			"23h59m by automation, closed 47h59m by timeout, waiting 23h59m, new"}},
		"an answer a day after a campaign": {"0s campaign; 24h in", []string{
			"24h by contact, closed 48h by timeout, waiting 24h, new"}},
		"a campaign before the last close is over": {"0s in; 1m campaign; 2m closed agent; 3m in", []string{
			"0 by contact, closed 2m by agent, any 1m, waiting 0, new",
			"3m by contact, closed 24h3m by timeout, waiting 3m, reopened"}},
		"a campaign answered once is not answered again": {"0s campaign; 1m in; 2m closed agent; 3m in", []string{
			"1m by automation, closed 2m by agent, waiting 1m, new",
			"3m by contact, closed 24h3m by timeout, waiting 3m, reopened"}},
		"silence is counted from the last visible message": {"0s in; 1h agent ana; 2h bot; 3h assigned bea; 4h call", []string{
			"0 by contact, closed 26h by timeout, ~bea's, first 1h, new, transfers 1"}},
		"a message exactly idle_close later finds it closed": {"0s in; 24h in", []string{
			"0 by contact, closed 24h by timeout, waiting 0, new",
			"24h by contact, closed 48h by timeout, waiting 24h, reopened"}},
		"a moment earlier it is open": {"0s in; 23h59m59s in", []string{
			"0 by contact, closed 47h59m59s by timeout, waiting 0, new"}},
		"the inbox's own closes later": {"0s opened contact; 0s in; 719h in", []string{
			"0 by contact, closed 1439h by timeout, waiting 0, new"}},
		"a message after the close opens anew": {"0s in; 1h closed agent; 24h59m in", []string{
			"0 by contact, closed 1h by agent, waiting 0, new",
			"24h59m by contact, closed 48h59m by timeout, waiting 24h59m, reopened"}},
		"a day after the close is not reopened": {"0s in; 1h closed agent; 25h in", []string{
			"0 by contact, closed 1h by agent, waiting 0, new",
			"25h by contact, closed 49h by timeout, waiting 25h"}},
		"a late human reply opens anew": {"0s in; 1h closed agent; 2h agent ana", []string{
			"0 by contact, closed 1h by agent, waiting 0, new",
			"2h by agent, closed 26h by timeout, ~ana's, reopened"}},
		"who closes": {"0s in; 1m closed bot; 2m in; 3m closed captain; 4m in; 5m closed auto_close; 6m in; 7m closed", []string{
			"0 by contact, closed 1m by bot, waiting 0, new",
			"2m by contact, closed 3m by bot, waiting 2m, reopened",
			"4m by contact, closed 5m by automation, waiting 4m, reopened",
			"6m by contact, closed 7m by api, waiting 6m, reopened"}},
		"a close while none is open explains a silent one": {"0s in; 30h closed agent pagos; 31h closed agent envíos", []string{
			"0 by contact, closed 24h by timeout, waiting 0, new, pagos"}},
		"but not one that was closed": {"0s in; 1h closed agent; 2h closed agent pagos", []string{
			"0 by contact, closed 1h by agent, waiting 0, new"}},
		"the first human is the assignee": {"0s in; 1m bot; 5m agent ana; 6m agent bea", []string{
			"0 by contact, closed 24h6m by timeout, ~ana's, first 5m, any 1m, new"}},
		"a later event to another is a transfer": {"0s in; 5m agent ana; 6m assigned bea; 7m assigned bea", []string{
			"0 by contact, closed 24h5m by timeout, ~bea's, first 5m, new, transfers 1"}},
		"after an event the first human assigns nobody": {"0s in; 1m assigned bea; 5m agent ana", []string{
			"0 by contact, closed 24h5m by timeout, ~bea's, first 5m, new"}},
		"after an unassignment nobody is assigned": {"0s in; 1m assigned; 5m agent ana", []string{
			"0 by contact, closed 24h5m by timeout, first 5m, new"}},
		"an assignment while none is open counts nowhere": {"0s assigned bea; 5m in", []string{
			"5m by contact, closed 24h5m by timeout, waiting 5m, new"}},
		"at one instant the customer comes before the answer": {"0s agent ana; 0s in", []string{
			"0 by contact, closed 24h by timeout, ~ana's, first 0, new"}},
		"at one instant the close comes last": {"0s in; 5m closed agent; 5m in; 5m agent ana", []string{
			"0 by contact, closed 5m by agent, ~ana's, first 5m, new"}},
		"a bot does not end the waiting": {"0s in; 1m bot; 2m in", []string{
			"0 by contact, closed 24h2m by timeout, any 1m, waiting 0, new"}},
		"a human before the customer answers nothing": {"0s agent ana; 1m in", []string{
			"0 by agent, closed 24h1m by timeout, ~ana's, waiting 1m, new"}},
		"a call opens nothing":           {"0s call; 1m added import", nil},
		"each channel is its own thread": {"0s in; 1m in @2; 2m agent ana @2", []string{"0 by contact, closed 24h by timeout, waiting 0, new", "1m by contact, closed 24h2m by timeout, ~ana's, first 2m"}},
	} {
		t.Run(name, func(t *testing.T) {
			story, _ := fold(t, testRules("America/Bogota"), c.script)
			var got []string
			for _, x := range story.Conversations {
				got = append(got, told(x))
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// TestFoldPlacesMessages: windows, waits, outreaches, missed windows.
func TestFoldPlacesMessages(t *testing.T) {
	place := func(m *models.Placed, missed bool) string {
		var list []string
		add := func(holds bool, text string) {
			if holds {
				list = append(list, text)
			}
		}
		add(m.InWindow, "window")
		add(m.WaitedFrom != 0, "waited "+since(m.WaitedFrom))
		add(m.Outreach, "outreach")
		add(m.RepliedAt != 0, "replied "+since(m.RepliedAt))
		add(m.PrevReach != 0, "after "+since(m.PrevReach))
		add(missed, "missed")
		add(m.Credited != "", m.Credited)
		return strings.Join(list, " ")
	}
	for name, c := range map[string]struct {
		script string
		want   []string
	}{
		"in the window":                   {"0s in; 23h59m bot; 24h bot", []string{"missed", "window", ""}},
		"a call opens the window":         {"0s call; 1h campaign; 24h campaign", []string{"window outreach", "outreach after 1h"}},
		"a run waits from its first":      {"0s in; 5m in; 9m agent ana; 10m agent ana; 12m in; 13m phone", []string{"", "", "window waited 0 ~ana", "window ~ana", "~ana", "window waited 12m phone"}},
		"a bot is no answer":              {"0s in; 1m bot", []string{"missed", "window"}},
		"the next message saves it":       {"0s in; 23h in; 50h in", []string{"", "missed", "missed"}},
		"a human a day later is too late": {"0s in; 24h agent ana", []string{"missed", "outreach ~ana"}},
		"an outreach answered":            {"0s campaign; 23h campaign; 24h in", []string{"outreach", "outreach replied 24h after 0", "missed"}},
		"one a day ago is not":            {"0s campaign; 24h in", []string{"outreach", "missed"}},
		"by channel":                      {"0s campaign; 1h in @2", []string{"outreach", "missed"}},
	} {
		t.Run(name, func(t *testing.T) {
			story, messages := fold(t, testRules("America/Bogota"), c.script)
			var got []string
			for _, m := range messages {
				missed := slices.ContainsFunc(story.Conversations, func(c models.Conversation) bool {
					return m.Dir == models.In && c.ID == m.Conversation && slices.Contains(c.Missed, m.At())
				})
				got = append(got, place(m, missed))
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestFoldSaysHowAContactWasFirstSeen(t *testing.T) {
	for text, want := range map[string]string{
		"0s in": "inbound", "0s ad": "ad", "0s phone": "echo", "0s agent ana": "user", "0s campaign": "api", "0s bot; 1m in": "api",
		"0s added import; 1m in": "import", "1m added import; 0s in": "inbound", "0s added": "api", "0s call": "", "0s assigned ana; 0s call": "",
	} {
		story, messages := fold(t, testRules("UTC"), text)
		assert.Equal(t, want, story.Seen.Source, text)
		for _, m := range messages {
			assert.Equal(t, want, m.Source, text)
		}
	}
}

// drawScript draws facts that stand close enough for everything to matter.
func drawScript(t *rapid.T) string {
	words := []string{
		"in", "in", "in", "ad", "agent ana", "agent bea", "phone", "bot", "automation", "campaign", "call", "added import",
		"opened contact", "opened", "assigned ana", "assigned bea", "assigned", "closed agent pagos", "closed", "in @2", "agent ana @2", "campaign @2",
	}
	var parts []string
	at := int64(0)
	for range rapid.IntRange(1, 25).Draw(t, "facts") {
		at += rapid.SampledFrom([]int64{0, 0, 1, 60, 599, 600, 3600, 43_200, 86_399, 86_400, 200_000}).Draw(t, "later")
		parts = append(parts, strconv.FormatInt(at, 10)+"s "+rapid.SampledFrom(words).Draw(t, "what"))
	}
	return strings.Join(parts, "; ")
}

// snapshotOf writes everything a fold made, to be compared.
func snapshotOf(story Story, messages []*models.Placed) []string {
	var list []string
	for _, c := range story.Conversations {
		list = append(list, fmt.Sprintf("%+v", c))
	}
	sorted := slices.Clone(messages)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].ID < sorted[j].ID })
	for _, m := range sorted {
		list = append(list, fmt.Sprintf("%s %+v", m.ID, m.Place))
	}
	return append(list, fmt.Sprintf("%+v", story.Seen))
}

func TestFoldDoesNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawScript(t)
		messages, facts := script(t, text)
		r := testRules("America/Bogota")
		story, _ := Fold(r, NewRoster(nil, nil), nil, messages, facts, 0)
		want := snapshotOf(story, messages)
		again, _ := Fold(r, NewRoster(nil, nil), nil, messages, facts, 0)
		require.Equal(t, want, snapshotOf(again, messages), "folding twice")
		messages, facts = rapid.Permutation(messages).Draw(t, "messages"), rapid.Permutation(facts).Draw(t, "facts")
		other, _ := Fold(r, NewRoster(nil, nil), nil, messages, facts, 0)
		require.Equal(t, want, snapshotOf(other, messages))
	})
}

// TestFoldGoesOnFromAState as if it had read everything, when what is new lies far
// enough after it.
func TestFoldGoesOnFromAState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawScript(t)
		r, roster := testRules("America/Bogota"), NewRoster(nil, nil)
		messages, facts := script(t, text)
		want, _ := Fold(r, roster, nil, messages, facts, 0)
		placed := map[string]models.Place{}
		last := scriptStart
		for _, m := range messages {
			placed[m.ID], last = m.Place, max(last, m.ProviderAt)
		}
		split := scriptStart + rapid.Int64Range(1, max(last-scriptStart, 1)).Draw(t, "split")
		old := func(at int64) bool { return at < split+Settled }
		first, fs := script(t, text)
		first = slices.DeleteFunc(first, func(m *models.Placed) bool { return !old(m.ProviderAt) })
		fs = slices.DeleteFunc(fs, func(f *models.Fact) bool { return !old(f.At) })
		_, state := Fold(r, roster, nil, first, fs, split)
		if state == nil {
			return
		}
		rest, more := script(t, text)
		rest = slices.DeleteFunc(rest, func(m *models.Placed) bool { return !state.Upto.Before(PosOfMessage(&m.Message)) })
		more = slices.DeleteFunc(more, func(f *models.Fact) bool { return !state.Upto.Before(PosOfFact(f)) })
		got, _ := Fold(r, roster, state, rest, more, 0)
		require.Equal(t, want.Seen, got.Seen)
		cut := map[models.ConversationID]models.Conversation{}
		for _, c := range want.Conversations {
			cut[c.ID] = c
		}
		for _, c := range got.Conversations {
			require.Equal(t, fmt.Sprintf("%+v", cut[c.ID]), fmt.Sprintf("%+v", c))
		}
		for _, m := range rest {
			require.Equal(t, placed[m.ID], m.Place, m.ID)
		}
	})
}

// holdsTogether is true of every fold.
func holdsTogether(t require.TestingT, story Story, messages []*models.Placed) {
	end := map[string]int64{}
	ids := map[models.ConversationID]bool{}
	firsts := 0
	for _, c := range story.Conversations {
		require.Less(t, c.OpenedAt, c.ClosedAt+1)
		require.GreaterOrEqual(t, c.OpenedAt, end[c.Channel], "conversations of a thread do not overlap")
		require.Contains(t, []string{models.ByContact, models.ByAgent, models.ByAutomation}, c.OpenedBy)
		require.NotEmpty(t, c.ClosedBy)
		require.False(t, ids[c.ID])
		end[c.Channel], ids[c.ID] = c.ClosedAt, true
		if c.First {
			firsts++
		}
	}
	require.Equal(t, min(len(story.Conversations), 1), firsts)
	for _, m := range messages {
		if m.Dir == models.In || m.Class().Human() {
			require.True(t, ids[m.Conversation], "a person's message is always in a conversation")
		}
		if m.WaitedFrom != 0 {
			require.LessOrEqual(t, m.WaitedFrom, m.At())
			require.True(t, m.Class().Human())
		}
	}
}

// FuzzFold reads a script from bytes, two for each fact: how much later, and what.
func FuzzFold(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		words := []string{
			"in", "ad", "agent ana", "agent bea", "phone", "bot", "automation", "campaign", "call", "added import", "opened contact", "opened",
			"opened workflow", "assigned ana", "assigned bea", "assigned", "closed agent pagos", "closed", "in @2", "agent ana @2", "campaign @2", "closed bot @2",
		}
		steps := []int64{0, 1, 59, 60, 600, 3600, 43_200, 86_399, 86_400, 86_401, 172_800, 2_592_000}
		var parts []string
		at := int64(0)
		for i := 0; i+1 < min(len(b), 128); i += 2 {
			at += steps[int(b[i])%len(steps)]
			parts = append(parts, strconv.FormatInt(at, 10)+"s "+words[int(b[i+1])%len(words)])
		}
		text := strings.Join(parts, "; ")
		r, roster := testRules("America/Bogota"), NewRoster(nil, nil)
		messages, facts := script(t, text)
		story, _ := Fold(r, roster, nil, messages, facts, 0)
		holdsTogether(t, story, messages)
		want := snapshotOf(story, messages)
		random := rand.New(rand.NewPCG(uint64(len(b)), 1))
		random.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
		random.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
		again, _ := Fold(r, roster, nil, messages, facts, scriptStart+at/2*1000)
		require.Equal(t, want, snapshotOf(again, messages))
		r.Contributions(&Rows{Messages: messages, Facts: facts}, roster, func(c Contribution) {
			require.GreaterOrEqual(t, c.Value, int64(0))
			require.NotZero(t, c.At)
		})
	})
}
