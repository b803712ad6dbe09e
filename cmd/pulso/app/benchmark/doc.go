// Package benchmark measures Pulso beside the bare limit of the machine it runs
// on: the real service beside a handler that stores nothing and a database that
// is only written to, and its answers beside plain SQL and a loop over memory.
// What counts are ratios within one run; nothing here passes or fails by the
// clock. It is for `make bench` and tests only: nothing may import it.
package benchmark
