package analytics

// LabelGroups are the groups whose cells, together, hold every value that a
// dimension of names has taken: channels, categories, templates, types, sources
// and error codes.
func LabelGroups() []Group {
	return []Group{GroupReceived, GroupSent, GroupFailure, GroupOpened, GroupClosed, GroupContacts}
}
