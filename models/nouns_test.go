package models

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestConversationIDsSortByTimeAndRepeat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		moment := rapid.Int64Range(0, 1<<47)
		a, b := moment.Draw(t, "a"), moment.Draw(t, "b")
		channel, key := rapid.String().Draw(t, "channel"), rapid.String().Draw(t, "key")
		x, y := NewConversationID(channel, a, key), NewConversationID(channel, b, key)
		require.Equal(t, a < b, x.String() < y.String())
		require.Equal(t, x, NewConversationID(channel, a, key), "folding again gives the same id")
		require.NotEqual(t, x, NewConversationID(channel, a, key+"2"))
	})
	assert.NotEqual(t, NewConversationID("a", 1, "bc"), NewConversationID("ab", 1, "c"), "the parts do not run together")
}

func TestConversationIDTravels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id ConversationID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		body, err := json.Marshal(id)
		require.NoError(t, err)
		var read ConversationID
		require.NoError(t, json.Unmarshal(body, &read))
		require.Equal(t, id, read)
		v, err := id.Value()
		require.NoError(t, err)
		read = ConversationID{}
		require.NoError(t, read.Scan(v))
		require.Equal(t, id, read)
		require.NoError(t, read.Scan(string(id[:])))
		require.Equal(t, id, read)
	})
}

func TestConversationIDRefusesWhatIsNone(t *testing.T) {
	full := strings.Repeat("ab", 16)
	for _, s := range []string{"a", "abcd", full[:31], full + "ab", full + "a", strings.Repeat("g", 32), " " + full} {
		var id ConversationID
		assert.Error(t, id.UnmarshalText([]byte(s)), s)
		assert.True(t, id.None(), s)
	}
	id := NewConversationID("whatsapp:1", 1, "k")
	require.NoError(t, id.UnmarshalText(nil))
	assert.True(t, id.None())
	assert.Empty(t, id.String())
	for _, v := range []any{nil, []byte("short"), int64(1), "short"} {
		assert.Error(t, new(ConversationID).Scan(v))
	}
}

func TestConversationIsOpenUntilItsClose(t *testing.T) {
	c := &Conversation{OpenedAt: 10, ClosedAt: 20}
	for now, open := range map[int64]bool{9: false, 10: true, 19: true, 20: false} {
		assert.Equal(t, open, c.Open(now), now)
	}
	assert.False(t, c.Answered())
	c.FirstReplyAt = 15
	assert.True(t, c.Answered())
}

func TestMulti(t *testing.T) {
	for name, c := range map[string]struct {
		of   Conversation
		want bool
	}{
		"nobody":                   {Conversation{}, false},
		"one hand-over":            {Conversation{Assignments: []Assignment{{Agent: "#a-1"}}}, false},
		"given, taken away":        {Conversation{Assignments: []Assignment{{Agent: "#a-1"}, {Agent: ""}}}, false},
		"given twice":              {Conversation{Assignments: []Assignment{{Agent: "#a-1"}, {Agent: ""}, {Agent: "#a-1"}}}, true},
		"one handler":              {Conversation{Handlers: []Handler{{Agent: "#a-1"}}}, false},
		"two handlers":             {Conversation{Handlers: []Handler{{Agent: "#a-1"}, {Agent: "#a-2"}}}, true},
		"one hand-over, a handler": {Conversation{Assignments: []Assignment{{Agent: "#a-1"}}, Handlers: []Handler{{Agent: "#a-2"}}}, false},
	} {
		assert.Equal(t, c.want, c.of.Multi(), name)
	}
}

func anyAlias(t *rapid.T) Alias {
	return Alias{rapid.SampledFrom([]AliasKind{0, ByID, ByUser, ByParent, ByPhone, ByGroup, ByUsername}).Draw(t, "kind"),
		rapid.SampledFrom([]string{"", "1", "2", "a", "A", "CO.1"}).Draw(t, "value")}
}

func TestStrongerIsAnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyAlias(t), anyAlias(t), anyAlias(t)
		require.False(t, a.Stronger(a))
		require.False(t, a.Stronger(b) && b.Stronger(a))
		if a.Kind != 0 && b.Kind != 0 && a != b {
			require.True(t, a.Stronger(b) || b.Stronger(a))
		}
		if a.Stronger(b) && b.Stronger(c) {
			require.True(t, a.Stronger(c))
		}
	})
	assert.True(t, Alias{ByID, "z:9"}.Stronger(Alias{ByUser, "CO.1"}))
	assert.True(t, Alias{ByUser, "CO.1"}.Stronger(Alias{ByPhone, "1"}))
	assert.True(t, Alias{ByUsername, "luz"}.Stronger(Alias{}))
}

func TestStrongest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		party := rapid.SliceOfN(rapid.Custom(anyAlias), 0, 6).Draw(t, "party")
		best, ok := Strongest(party)
		again, okAgain := Strongest(rapid.Permutation(party).Draw(t, "order"))
		require.Equal(t, best, again)
		require.Equal(t, ok, okAgain)
		useful := slices.DeleteFunc(slices.Clone(party), func(a Alias) bool { return a.Kind == 0 || a.Kind == ByUsername || a.Value == "" })
		require.Equal(t, len(useful) > 0, ok, "a username recognises nobody")
		for _, a := range useful {
			require.False(t, a.Stronger(best))
		}
	})
}

func TestPhoneDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[0-9]{3,20}`).Draw(t, "digits")
		var written strings.Builder
		if rapid.Bool().Draw(t, "plus") {
			written.WriteString("+")
		}
		for _, r := range digits {
			written.WriteRune(r)
			written.WriteString(rapid.SampledFrom([]string{"", "", " ", "-", ".", "(", ")", "\u00a0"}).Draw(t, "between"))
		}
		got, ok := PhoneDigits(written.String())
		require.True(t, ok, written.String())
		require.Equal(t, digits, got)
	})
	for _, s := range []string{"", "+", "12", "1+23", "+57 300 x", "٣٠٠١١١", "123456789012345678901", "573001112233@s.whatsapp.net"} {
		_, ok := PhoneDigits(s)
		assert.False(t, ok, s)
	}
}

func TestUserIDsNeverBecomePhones(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}`).Draw(t, "user id")
		a, ok := WhatsAppID(s)
		require.True(t, ok)
		require.Equal(t, Alias{ByUser, s}, a)
	})
}

func TestPersonBears(t *testing.T) {
	ana := Person{Phone: "+57 300 111 2233", UserID: "CO.Ana1"}
	for name, c := range map[string]struct {
		person Person
		party  []Alias
		want   bool
	}{
		"the phone":                        {ana, []Alias{{ByPhone, "573001112233"}}, true},
		"the user id":                      {ana, []Alias{{ByUser, "CO.Ana1"}}, true},
		"one of several":                   {ana, []Alias{{ByUsername, "ana"}, {ByPhone, "573001112233"}}, true},
		"another phone":                    {ana, []Alias{{ByPhone, "573001112234"}}, false},
		"a phone that begins alike":        {ana, []Alias{{ByPhone, "57300111223"}}, false},
		"user ids are case-sensitive":      {ana, []Alias{{ByUser, "CO.ana1"}}, false},
		"the phone as some source's id":    {ana, []Alias{{ByID, "573001112233"}}, false},
		"the user id of a parent":          {ana, []Alias{{ByParent, "CO.Ana1"}}, false},
		"nobody":                           {ana, nil, false},
		"no phone is nobody's":             {Person{UserID: "CO.1"}, []Alias{{ByPhone, ""}}, false},
		"no user id is nobody's":           {Person{Phone: "+573001112233"}, []Alias{{ByUser, ""}}, false},
		"a phone that is none":             {Person{Phone: "Ana"}, []Alias{{ByPhone, ""}}, false},
		"known by user id, comes by phone": {Person{UserID: "CO.1"}, []Alias{{ByPhone, "573001112233"}, {ByUser, "CO.1"}}, true},
	} {
		assert.Equal(t, c.want, c.person.Bears(c.party), name)
	}
}

func TestScope(t *testing.T) {
	assert.True(t, Scope{}.All())
	assert.False(t, Scope{Teams: []string{"ventas"}}.All())
	assert.False(t, Scope{Channels: []string{"whatsapp:1"}}.All())
}

func TestSequenceAscendsAndNeverRepeats(t *testing.T) {
	var s Sequence
	const each = 5000
	lists := make([][]int64, 4)
	var running sync.WaitGroup
	for w := range lists {
		running.Go(func() {
			for i := range each {
				lists[w] = append(lists[w], s.Next(int64(1_000_000+i%7)))
			}
		})
	}
	running.Wait()
	seen := map[int64]bool{}
	for _, list := range lists {
		assert.True(t, slices.IsSorted(list))
		for _, id := range list {
			seen[id] = true
		}
	}
	assert.Len(t, seen, 4*each)
	before := s.Next(1)
	assert.Greater(t, s.Next(0), before, "a clock that goes back does not take ids back")
	assert.Greater(t, s.Next(2_000_000), before)
	assert.Positive(t, s.Next(1<<41))
}

func TestNode(t *testing.T) {
	var nobody *AgentSighting
	assert.Empty(t, nobody.Node())
	assert.Empty(t, (&AgentSighting{Name: " \t"}).Node())
	assert.Equal(t, "#7", (&AgentSighting{ID: "7", Name: "Ana"}).Node())
	assert.Equal(t, "~Ana", (&AgentSighting{Name: " Ana "}).Node())
}
