// Package analytics turns facts into figures: it cuts conversations, says what
// each message and conversation contributes to which metric, and sums
// contributions in cells. Everything in it is a function of its arguments: no
// I/O, no clock, no log. The definitions are those of docs/metrics.md.
package analytics
