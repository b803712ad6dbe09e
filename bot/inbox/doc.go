// Package inbox is the list of sources: where each one's deliveries arrive, how
// they prove who sent them, and how they are read. To add a source is to add its
// package below this one and its row to Sources. It opens no connection, reads no
// clock and logs nothing.
package inbox
