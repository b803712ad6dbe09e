package whatsapp

// LimitTable holds the lengths that Meta allows (cloudapi.md §2 and §3), in
// characters (runes), entries or bytes. A renderer should keep below them.
type LimitTable struct {
	TextBody   int
	DirectBody int // body of a Direct Send
	Caption    int
	Header     int // text header of buttons and lists
	Footer     int

	ButtonBody  int
	Buttons     int
	ButtonTitle int // titles must differ
	ButtonID    int

	ListBody       int
	ListButton     int
	Sections       int
	Rows           int // of all sections together
	SectionTitle   int
	RowTitle       int
	RowDescription int
	RowID          int

	TemplateName    int
	TemplateHeader  int
	TemplateBody    int // with its parameters filled in
	TemplateFooter  int
	TemplateButtons int
	TemplateButton  int // text of one; Meta's pages say 25, newer ones 20
	TemplateSpaces  int // spaces in a row inside a parameter
	Payload         int // of a template's quick reply

	Opaque        int // biz_opaque_callback_data
	ImageBytes    int
	DocumentBytes int
}

// Limits returns Meta's table.
func Limits() LimitTable {
	return LimitTable{
		TextBody: 4096, DirectBody: 1024, Caption: 1024, Header: 60, Footer: 60,
		ButtonBody: 1024, Buttons: 3, ButtonTitle: 20, ButtonID: 256,
		ListBody: 4096, ListButton: 20, Sections: 10, Rows: 10,
		SectionTitle: 24, RowTitle: 24, RowDescription: 72, RowID: 200,
		TemplateName: 512, TemplateHeader: 60, TemplateBody: 1024, TemplateFooter: 60,
		TemplateButtons: 10, TemplateButton: 20, TemplateSpaces: 4, Payload: 256,
		Opaque: 512, ImageBytes: 5_000_000, DocumentBytes: 100_000_000,
	}
}
