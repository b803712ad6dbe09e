// Package picture draws the charts that are sent by chat: trend line, bars,
// ranking, heatmap and funnel. Data and finished texts go in, the bytes of a PNG
// come out: opaque and light, 1080 pixels wide and at most 1600 high, with at
// most 256 colours, made to be read on a phone.
//
// It knows nothing of metrics, languages or media. It never formats a number or
// a date (every text comes from the caller), never reads a clock, a file or the
// network, and imports no other package of this module. No input makes it panic:
// what cannot be drawn (a character without a glyph, a value that is no number)
// is left out.
package picture
