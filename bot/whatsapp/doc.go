// Package whatsapp speaks Meta's Graph API for one business phone number: it
// sends messages, uploads media, pushes and lists templates, and reads the
// account. It knows Meta's HTTP and nothing else. It keeps no state, logs
// nothing, never retries, never follows a redirect and decides nothing: every
// error says what is known about the message (Outcome) and what Meta's table
// advises (Policy), and the caller's outbox acts on it.
package whatsapp
