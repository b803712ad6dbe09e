package graph

import (
	"fmt"
	"net/http"
)

// object is a JSON object.
type object = map[string]any

// failure is one of Graph's errors, on its way to a caller or into a status.
type failure struct {
	code, subcode int
	status        int
	title         string
	details       string
	userTitle     string
	userText      string
}

// known is what Meta calls its codes, and the HTTP status that comes with them
// (cloudapi.md §4: most are 400).
type known struct {
	status int
	title  string
}

var codes = map[int]known{
	0:      {401, "AuthException"},
	1:      {400, "API Unknown"},
	2:      {503, "API Service"},
	3:      {500, "API Method"},
	4:      {400, "API Too Many Calls"},
	10:     {403, "API Permission Denied"},
	33:     {400, "Parameter value is not valid"},
	100:    {400, "Invalid parameter"},
	190:    {401, "Invalid OAuth access token - Cannot parse access token"},
	200:    {403, "API Permission"},
	368:    {403, "Temporarily blocked for policies violations"},
	2500:   {400, "Unknown path components"},
	2635:   {400, "You are calling a deprecated version of the API. Please update to the latest version"},
	80007:  {400, "Rate limit issues"},
	130429: {429, "Rate limit hit"},
	130472: {400, "User's number is part of an experiment"},
	131000: {500, "Something went wrong"},
	131005: {403, "Access denied"},
	131008: {400, "Required parameter is missing"},
	131009: {400, "Parameter value is not valid"},
	131016: {500, "Service unavailable"},
	131021: {400, "Recipient cannot be sender"},
	131026: {400, "Message undeliverable"},
	131030: {400, "Recipient phone number not in allowed list"},
	131031: {403, "Account has been locked"},
	131042: {400, "Business eligibility payment issue"},
	131045: {500, "Incorrect certificate"},
	131047: {400, "Re-engagement message"},
	131048: {400, "Spam rate limit hit"},
	131049: {400, "This message was not delivered to maintain healthy ecosystem engagement."},
	131050: {400, "User has stopped marketing messages"},
	131051: {400, "Unsupported message type"},
	131052: {400, "Media download error"},
	131053: {400, "Media upload error"},
	131056: {429, "(Business Account, Consumer Account) pair rate limit hit"},
	131057: {500, "Account in maintenance mode"},
	131062: {400, "Business-scoped user ids are not supported for this message"},
	132000: {400, "Number of parameters does not match the expected number of params"},
	132001: {404, "Template name does not exist in the translation"},
	132005: {400, "Translated text too long"},
	132007: {400, "Template format character policy violated"},
	132012: {400, "Parameter format does not match format in the created template"},
	132015: {400, "Template is paused"},
	132016: {400, "Template is disabled"},
	132018: {400, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"},
	133004: {503, "Server temporarily unavailable"},
	133010: {400, "Phone number not registered"},
	135000: {400, "Generic user error"},
	137000: {400, "Recipient identity key hash does not match"},
	139200: {400, "Direct send is blocked for this account"},
}

// fail returns the error of a code, with details.
func fail(code int, format string, args ...any) *failure {
	k, ok := codes[code]
	if !ok {
		k = known{http.StatusBadRequest, "Unknown error"}
	}
	return &failure{code: code, status: k.status, title: k.title, details: fmt.Sprintf(format, args...)}
}

// failTemplate returns the error of a template that was refused at once.
func failTemplate(subcode int, title, format string, args ...any) *failure {
	f := fail(100, "")
	f.subcode, f.userTitle, f.userText = subcode, title, fmt.Sprintf(format, args...)
	return f
}

// missing is what Graph says of an id that it does not know.
func missing(method, id string) *failure {
	f := fail(100, "")
	f.subcode = 33
	f.title = fmt.Sprintf("Unsupported %s request. Object with ID '%s' does not exist, cannot be loaded due to missing permissions, "+
		"or does not support this operation", method, id)
	return f
}

// object is the body of an HTTP answer.
func (f *failure) object() object {
	kind := "OAuthException"
	if f.subcode == 33 {
		kind = "GraphMethodException"
	}
	inner := object{
		"message": f.message(), "type": kind, "code": f.code,
		"fbtrace_id": fmt.Sprintf("A%dTrace%d", f.code, f.subcode),
	}
	if f.details != "" {
		inner["error_data"] = object{"messaging_product": "whatsapp", "details": f.details}
	}
	if f.subcode != 0 {
		inner["error_subcode"] = f.subcode
	}
	if f.userText != "" {
		inner["error_user_title"], inner["error_user_msg"], inner["is_transient"] = f.userTitle, f.userText, false
	}
	return object{"error": inner}
}

func (f *failure) message() string {
	if f.subcode == 33 || f.code == 190 || f.userText != "" {
		return f.title
	}
	return fmt.Sprintf("(#%d) %s", f.code, f.title)
}

// element is the same error inside a failed status.
func (f *failure) element() object {
	return object{
		"code": f.code, "title": f.title, "message": f.title,
		"error_data": object{"details": f.details},
		"href":       "/documentation/business-messaging/whatsapp/support/error-codes",
	}
}
