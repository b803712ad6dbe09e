// Package flow holds the loops of a running Pulso: Receiver stores what comes
// in, Intake folds it, Chat answers managers, Pulse keeps schedules and alerts,
// Outbox sends. Time passes only here. The loops meet the database and the
// network through interfaces that stand beside them.
package flow
