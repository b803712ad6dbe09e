package analytics

import (
	"sort"
	"strings"

	"pulso/models"
)

// Agent is one person or bot of the business as figures show them.
type Agent struct {
	Key  string   // "#id" or "~name": what cells and conversations hold
	ID   string   // as the sources give it; "" when only a name is known
	Name string   // as people call them
	Team string   // "" none
	IDs  []string // every id known to be theirs
}

// Sighting is an agent's id, name and team as some event showed them together,
// and when it last did.
type Sighting struct {
	ID, Name, Team string
	First          int64 // ms
	At             int64 // latest, to the day
}

// Until returns the sightings of agents that had happened by now.
func Until(seen []Sighting, now int64) []Sighting {
	var then []Sighting
	for _, s := range seen {
		if s.First <= now {
			s.At = min(s.At, now)
			then = append(then, s)
		}
	}
	return then
}

// Roster knows which nodes (ids and bare names seen in events) are which
// agent. It is a function of the configured agents and of everything seen, so
// it does not depend on the order in which things were seen.
type Roster struct {
	byKey  map[string]*Agent
	byID   map[string]string // id → key
	byName map[string]string // folded name → key
}

// NewRoster builds a roster. A configured agent owns its name and its ids;
// otherwise an id is an agent, and a bare name is the one agent that bears it,
// or an agent of its own when none or several do.
func NewRoster(configured []Agent, seen []Sighting) *Roster {
	r := &Roster{byKey: map[string]*Agent{}, byID: map[string]string{}, byName: map[string]string{}}
	r.byKey[models.Phone] = &Agent{Key: models.Phone, Name: models.Phone}
	fixed := map[string]bool{}
	for _, c := range configured {
		a := c
		a.Key = "~" + a.Name
		if len(a.IDs) > 0 {
			a.Key, a.ID = "#"+a.IDs[0], a.IDs[0]
		}
		r.byKey[a.Key] = &a
		r.byName[FoldName(a.Name)] = a.Key
		fixed[a.Key] = true
		for _, id := range a.IDs {
			r.byID[id] = a.Key
		}
	}
	latest, teamAt := append([]Sighting(nil), seen...), map[string]int64{}
	sort.Slice(latest, func(i, j int) bool { return lessSighting(latest[i], latest[j]) })
	for _, s := range latest {
		if s.ID != "" {
			if r.see(s, fixed); s.Team != "" {
				teamAt[r.byID[s.ID]] = s.At
			}
		}
	}
	r.nameBearers(latest, fixed, teamAt)
	return r
}

func lessSighting(a, b Sighting) bool {
	switch {
	case a.At != b.At:
		return a.At < b.At
	case a.ID != b.ID:
		return a.ID < b.ID
	case a.Name != b.Name:
		return a.Name < b.Name
	}
	return a.Team < b.Team
}

// see records an agent that showed an id; later sightings rename it. An id that
// no agent was configured with is theirs whose configured name it bears.
func (r *Roster) see(s Sighting, fixed map[string]bool) {
	key, ok := r.byID[s.ID]
	if !ok {
		key = "#" + s.ID
		if owner, named := r.byName[FoldName(s.Name)]; named && s.Name != "" && fixed[owner] {
			key = owner
		}
		r.byID[s.ID] = key
	}
	a := r.byKey[key]
	if a == nil {
		a = &Agent{Key: key, ID: s.ID, Name: s.ID, IDs: []string{s.ID}}
		r.byKey[key] = a
	}
	if a.ID == "" {
		a.ID = s.ID
	}
	if fixed[key] {
		if a.Team == "" {
			a.Team = s.Team
		}
		return
	}
	if s.Name != "" {
		a.Name = s.Name
	}
	if s.Team != "" {
		a.Team = s.Team
	}
}

// nameBearers gives bare names to the one agent that bears them, and agents the
// team that they were shown in by name later than by id.
func (r *Roster) nameBearers(seen []Sighting, fixed map[string]bool, teamAt map[string]int64) {
	bearers := map[string]map[string]bool{}
	for _, s := range seen {
		if s.ID == "" || s.Name == "" {
			continue
		}
		n := FoldName(s.Name)
		if bearers[n] == nil {
			bearers[n] = map[string]bool{}
		}
		bearers[n][r.byID[s.ID]] = true
	}
	for n, keys := range bearers {
		if _, taken := r.byName[n]; taken || len(keys) != 1 {
			continue
		}
		for k := range keys {
			r.byName[n] = k
		}
	}
	for _, s := range seen {
		n := FoldName(s.Name)
		if s.ID != "" || n == "" {
			continue
		}
		if _, known := r.byName[n]; !known {
			r.byName[n] = "~" + n
			r.byKey["~"+n] = &Agent{Key: "~" + n, Name: s.Name}
		}
		if a := r.byKey[r.byName[n]]; s.Team != "" && (a.Team == "" || !fixed[a.Key] && (a.ID == "" || s.At > teamAt[a.Key])) {
			a.Team = s.Team
		}
	}
}

// Key returns the key of the agent behind a node, "" for no node. A node that
// was never seen is an agent of its own, so that nothing is lost.
func (r *Roster) Key(node string) string {
	switch {
	case node == "" || node == models.Phone:
		return node
	case node[0] == '#':
		if k, ok := r.byID[node[1:]]; ok {
			return k
		}
		return node
	case node[0] == '?': // an id or a name: the id if it is one
		if k, ok := r.byID[node[1:]]; ok {
			return k
		}
		return r.Key("~" + node[1:])
	}
	n := FoldName(node[1:])
	if k, ok := r.byName[n]; ok {
		return k
	}
	return "~" + n
}

// Agent returns the agent of a key. Unknown keys give an agent named after the
// key, "" nobody.
func (r *Roster) Agent(key string) Agent {
	if a, ok := r.byKey[key]; ok {
		return *a
	}
	a := Agent{Key: key, Name: strings.TrimLeft(key, "#~")}
	if strings.HasPrefix(key, "#") {
		a.ID = a.Name
	}
	return a
}

// Agents returns every known agent but the phone, by name.
func (r *Roster) Agents() []Agent {
	var list []Agent
	for k, a := range r.byKey {
		if k != models.Phone {
			list = append(list, *a)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].Name != list[j].Name {
			return list[i].Name < list[j].Name
		}
		return list[i].Key < list[j].Key
	})
	return list
}

// Teams returns the names of all teams, sorted.
func (r *Roster) Teams() []string {
	set := map[string]bool{}
	for _, a := range r.byKey {
		if a.Team != "" {
			set[a.Team] = true
		}
	}
	teams := make([]string, 0, len(set))
	for t := range set {
		teams = append(teams, t)
	}
	sort.Strings(teams)
	return teams
}

// Find returns the key of the agent with this id, key or name, "" when there is none.
func (r *Roster) Find(text string) string {
	if _, ok := r.byKey[text]; ok {
		return text
	}
	if k, ok := r.byID[text]; ok {
		return k
	}
	return r.byName[FoldName(text)]
}
