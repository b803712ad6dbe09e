package models

import "strings"

// Phone is the agent under whom a person's messages from the WhatsApp Business
// app stand: a person, name unknown (metrics.md, base rule 4).
const Phone = "phone"

// AgentSighting is an agent as one event showed them.
type AgentSighting struct {
	ID   string
	Name string
	Team string
}

// Node returns the name under which the sighting is stored: "#id" when an id
// was given, "~name" when only a name was. Which person a node is, is the
// roster's to say (see analytics.Roster); "" when neither was given.
func (a *AgentSighting) Node() string {
	switch {
	case a == nil:
		return ""
	case a.ID != "":
		return "#" + a.ID
	case strings.TrimSpace(a.Name) != "":
		return "~" + strings.TrimSpace(a.Name)
	}
	return ""
}
