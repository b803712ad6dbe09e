// Package web is the HTTP edge: it takes in what inboxes post, proves who sent
// it, has it stored and only then answers; beside that it tells whether the
// service is well. It decodes nothing that it stores, and knows no database: what
// lies behind a route comes in through Options and Handle. gin is used here and
// nowhere else.
//
// Nothing that a request carries (query, body, header, path) is ever logged. It is
// repeated only to who sent it: the challenge of Meta's verification, and the
// names of fields for which a canonical event is refused.
package web
