// Package words understands what managers write: a line of Spanish, English or
// Portuguese, or of all three, becomes a Reading in no language. It is a
// function of its arguments: it reads no clock, no database and no
// configuration, sends nothing, and answers in no words of its own.
//
// A line goes through these steps, one file or two each:
//
//	token     letters, figures, clocks, dates, phones
//	lexicon   the closed vocabularies of templates/lang, and spelling
//	book      the names of a business: agents, teams, channels, …
//	lex       the best way to cut the line into known phrases and names
//	period    dates, hours, spans and comparisons
//	metric    which metrics phrases of several classes add up to
//	intent    what is wanted: a report, a list, an alert, …
//	repair    what a line takes back, and names that nobody knows
//	follow    a line that only changes the one before it
//	canonical the text of a Reading that reads back to itself
package words
