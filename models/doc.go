// Package models holds the nouns of Pulso and their order: what was received,
// what it means, and how two sightings of the same thing become one. It knows
// no database, no network and no clock; it imports the standard library only.
package models
