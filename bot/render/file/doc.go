// Package file makes the documents that are sent by chat: an answer as an Excel
// workbook or as a PDF, in the reader's language. It asks nothing, reads neither
// clock nor disk, and changes no figure: what it is given is what it writes, and
// nothing of it is ever a formula.
package file
