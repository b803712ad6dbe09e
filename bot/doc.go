// Package bot answers people: words become an Ask, the Ask an answer, the
// answer a card. It decides who may have what, keeps dialogues together, and
// says what each thing is about; it sends nothing, formats nothing, and reads
// the record only through interfaces.
package bot
