// Package graph is a simulated WhatsApp: a stand-in for Meta's Graph API that
// is as strict as the real one, together with the people at the other end of
// it. It keeps everything in memory, is no client of the real Graph API, and
// knows nothing of the rest of the program: it is spoken to over HTTP and
// speaks back by signed webhooks, as Meta does.
//
// Time is given: every delay is counted on Options.Clock, and nothing becomes
// due by itself. Tick does what is due at a moment, for tests; Run does so all
// the time, for a demonstration.
package graph
