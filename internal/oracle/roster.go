package oracle

import "strings"

// phoneAgent is the line of those who write from the WhatsApp Business app:
// "`phone` is its own line among the agents".
const phoneAgent = "phone"

// Agent is a row of `agents` of the configuration.
type Agent struct {
	Name string
	Team string
	IDs  []string
}

// roster tells which agent a sighting means. An agent's key is "agent NAME" for a
// configured one, "id ID" for one known by an id, "name NAME" for a bare name that
// nobody else bears, "phone" for the app, and "" for nobody.
type roster struct {
	configured []Agent
	seen       []EventAgent // in order of time
	names      map[string]string
	teams      map[string]string
}

// enlist reads the agents of events in order of time.
func enlist(configured []Agent, events []Event) *roster {
	r := &roster{configured: configured, names: map[string]string{}, teams: map[string]string{}}
	unique := map[EventAgent]bool{}
	for i := range events {
		if a := events[i].Agent; a != nil && !unique[*a] {
			unique[*a] = true
			r.seen = append(r.seen, *a)
		}
	}
	keys := map[EventAgent]string{}
	for a := range unique {
		keys[a] = r.key(&a)
	}
	for i := range events {
		if a := events[i].Agent; a != nil {
			r.learn(keys[*a], *a)
		}
	}
	return r
}

// learn remembers the latest name and team seen of an agent.
func (r *roster) learn(key string, a EventAgent) {
	if name := strings.TrimSpace(a.Name); name != "" {
		r.names[key] = name
	}
	if a.Team != "" {
		r.teams[key] = a.Team
	}
}

// key returns the agent whom a sighting means.
func (r *roster) key(a *EventAgent) string {
	switch {
	case a == nil:
		return ""
	case a.ID != "":
		return r.byID(a.ID)
	default:
		return r.byName(strings.TrimSpace(a.Name))
	}
}

func (r *roster) byID(id string) string {
	for _, c := range r.configured {
		for _, own := range c.IDs {
			if own == id {
				return "agent " + c.Name
			}
		}
	}
	for _, c := range r.configured {
		if c.Name != "" && len(c.IDs) == 0 && r.bears(id, c.Name) {
			return "agent " + c.Name
		}
	}
	return "id " + id
}

// byName returns the one agent that bears a name.
func (r *roster) byName(name string) string {
	if name == "" {
		return ""
	}
	for _, c := range r.configured {
		if c.Name == name {
			return "agent " + c.Name
		}
	}
	bearers := map[string]bool{}
	for _, s := range r.seen {
		if s.ID != "" && strings.TrimSpace(s.Name) == name {
			bearers[r.byID(s.ID)] = true
		}
	}
	for key := range bearers {
		if len(bearers) == 1 {
			return key
		}
	}
	return "name " + name
}

// bears reports whether an id has been seen with a name.
func (r *roster) bears(id, name string) bool {
	for _, s := range r.seen {
		if s.ID == id && strings.TrimSpace(s.Name) == name {
			return true
		}
	}
	return false
}

// name returns how an agent is shown; "" for nobody.
func (r *roster) name(key string) string {
	if name, ok := strings.CutPrefix(key, "agent "); ok {
		return name
	}
	if id, ok := strings.CutPrefix(key, "id "); ok {
		if r.names[key] != "" {
			return r.names[key]
		}
		return id
	}
	return strings.TrimPrefix(key, "name ")
}

// team returns the configured team of an agent, else the latest seen; "" for none.
func (r *roster) team(key string) string {
	for _, c := range r.configured {
		if key == "agent "+c.Name && c.Team != "" {
			return c.Team
		}
	}
	return r.teams[key]
}

// is reports whether an agent goes by a word: a name or an id.
func (r *roster) is(key, word string) bool {
	if r.name(key) == word || key != "" && key == "id "+word {
		return true
	}
	for _, c := range r.configured {
		for _, id := range c.IDs {
			if key == "agent "+c.Name && id == word {
				return true
			}
		}
	}
	return false
}
