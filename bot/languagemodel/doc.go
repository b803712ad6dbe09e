// Package languagemodel asks a language model with an API like OpenAI's for the
// canonical text of words that the grammar did not understand. It sends those
// words and a fixed brief and nothing else: no figure, no customer, no name.
// What comes back is only words: the caller reads and checks them like any
// others. It logs nothing and keeps nothing.
package languagemodel
