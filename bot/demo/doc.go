// Package demo makes the world in which Pulso can be tried without an account:
// Casa Frailejón, a shop of home appliances in Colombia that never was, with its
// staff, its customers and a past; its traffic from now on; and a phone in the
// browser on which a manager of the shop writes to the bot. The simulated
// WhatsApp is the package graph.
//
// What happens in the shop is told as the real sources would tell it: webhooks
// of the Cloud API and canonical events of an inbox. The package hands bodies
// over and knows nothing of who reads them: it opens no listener, keeps no
// database, and takes its time from a given clock. Every name, number and
// sentence in it is invented.
package demo
