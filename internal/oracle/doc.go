// Package oracle computes every figure of Pulso a second time, slowly, from the
// definitions and from canonical events alone, so that tests can hold the real
// reckoning to it; and it invents the histories to do that with. It is used by
// tests only, imports the standard library only, and shares no code with what it
// judges. It may not be made fast at the price of being less plain to read.
//
// Times are integer milliseconds UTC within the package, durations are integer
// milliseconds, and quantiles are exact (nearest rank). Nothing is rounded until
// a result is written in seconds.
//
// Generate invents a history, Shuffle deals it out as a careless network would,
// Replay reads it as of a moment, and World.Query and World.Lists tell what it
// adds up to.
package oracle
