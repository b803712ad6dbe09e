package models

import "errors"

// Lease is a claim on a piece of work that one process at a time may do. Its
// fence rises with every change of holder, so that a holder that was paused
// past its time cannot write.
type Lease struct {
	Name  string
	Owner string
	Fence int64
	Until int64 // ms; trust it no longer than this
}

// ErrTaken is returned while another process holds a lease.
var ErrTaken = errors.New("the lease is held by another process")
