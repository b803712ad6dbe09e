package analytics

import (
	"encoding/json"
	"fmt"
	"sort"
)

// statute is how rules are written down beside the cells they were applied to.
type statute struct {
	Version        int                 `json:"version"`
	Zone           string              `json:"zone"`
	Hours          map[string][]string `json:"hours,omitempty"`
	Holidays       []string            `json:"holidays,omitempty"`
	IdleClose      int64               `json:"idle_close"`
	InboxIdleClose int64               `json:"inbox_idle_close"`
	Target         int64               `json:"target"`
	Agents         []namedAgent        `json:"agents,omitempty"`
}

type namedAgent struct {
	Name string   `json:"name"`
	IDs  []string `json:"ids,omitempty"`
}

// statuteVersion rises when the same settings come to mean other figures, or cells
// of another shape.
const statuteVersion = 2

// SameVersion reports whether cells that stand under a fingerprint are such as this
// program makes; "" is that of none. Others can be neither read nor added to.
func SameVersion(print string) bool {
	var s statute
	return print == "" || json.Unmarshal([]byte(print), &s) == nil && s.Version == statuteVersion
}

// Fingerprint writes the rules and the configured agents down: two with the
// same fingerprint give the same figures. It is kept beside the cells, so that
// a change of settings is noticed. Teams are not in it, because they are read
// off the agents when a question is answered.
func (r *Rules) Fingerprint(configured []Agent) string {
	s := statute{
		Version: statuteVersion, Zone: r.Zone.Name(), IdleClose: r.IdleClose, InboxIdleClose: r.InboxIdleClose, Target: r.Target,
	}
	s.Hours, s.Holidays = r.Hours.text()
	for _, a := range configured {
		s.Agents = append(s.Agents, namedAgent{a.Name, a.IDs})
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return string(b)
}

// ParseFingerprint reads rules and agents that Fingerprint wrote down.
func ParseFingerprint(text string) (*Rules, []Agent, error) {
	var s statute
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return nil, nil, fmt.Errorf("read stored rules: %w", err)
	}
	zone, err := LoadZone(s.Zone)
	if err != nil {
		return nil, nil, fmt.Errorf("read stored rules: %w", err)
	}
	hours, faults := ParseHours(s.Hours, s.Holidays)
	if len(faults) > 0 {
		return nil, nil, fmt.Errorf("read stored rules: %w", faults[0])
	}
	var agents []Agent
	for _, a := range s.Agents {
		agents = append(agents, Agent{Name: a.Name, IDs: a.IDs})
	}
	return &Rules{Zone: zone, Hours: hours, IdleClose: s.IdleClose, InboxIdleClose: s.InboxIdleClose, Target: s.Target}, agents, nil
}

// text writes opening times as ParseHours reads them.
func (h Hours) text() (map[string][]string, []string) {
	if !h.set {
		return nil, nil
	}
	week := map[string][]string{}
	for i, day := range h.week {
		week[weekdayKeys[i]] = []string{}
		for _, iv := range day {
			week[weekdayKeys[i]] = append(week[weekdayKeys[i]], iv.String())
		}
	}
	var holidays []string
	for d := range h.holidays {
		holidays = append(holidays, d.String())
	}
	sort.Strings(holidays)
	return week, holidays
}

func (iv interval) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", iv.from/60, iv.from%60, iv.to/60, iv.to%60)
}
