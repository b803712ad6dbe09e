// Package cloudapi reads the webhooks of the WhatsApp Business Platform (Cloud
// API), of every generation from v13 to the business-scoped user ids of 2026,
// the WhatsApp Business app's echoes and history included, and proves that Meta
// sent them. It is functions of their arguments: no clock, no network, no log.
//
// Every element of a body ends in exactly one of models.Decoded's Events and
// Faults; an element that is broken never spoils its neighbours. What is
// understood but is no figure is kept as models.Noted or models.AccountNotice,
// what is unknown as models.Noted with its JSON, and listed in Unknown.
//
// Some fields of models.Event carry what the webhook says beside the figures:
//
//   - Label of a status is its biz_opaque_callback_data; of an account notice,
//     the id of the WhatsApp business account (or business portfolio).
//   - Details of message.received, message.reaction and message.edited is a
//     JSON object with any of reply_to, forwarded, payload, identity and about
//     (see Extra); of every notice, the JSON it came in.
//
// Where Meta repeats a key in one JSON object, the first one stands.
package cloudapi
