package card

// Chart is a picture's content. Which fields count depends on Kind.
type Chart struct {
	Kind            ChartKind
	Title, Subtitle Text // the subtitle holds the period
	Note            Text
	Empty           Text // said instead when there is nothing to draw

	// Trend, bars and ranking: one point each, in order. A nil Value is a gap.
	Points []Point
	// Current and Earlier name the two series of bars that are compared.
	Current, Earlier Text
	// Usual names the band of Low..High of a trend.
	Usual Text
	// Goal is a level worth a line of its own: a target, the team's median.
	Goal *Level

	// Heatmap: one row for each of RowHeads, one cell for each of ColumnHeads.
	RowHeads, ColumnHeads []Value
	Cells                 [][]Value
	Peak                  Text

	// Funnel
	Steps []Step
}

// ChartKind is the kind of a picture.
type ChartKind string

// The kinds of pictures.
const (
	Trend   ChartKind = "trend"
	Bars    ChartKind = "bars"
	Ranking ChartKind = "ranking"
	Heatmap ChartKind = "heatmap"
	Funnel  ChartKind = "funnel"
)

// Point is one value of a series.
type Point struct {
	Label     Value
	Value     Value // Count, Number, Share, Duration; nil is a gap
	Earlier   Value // bars: what it is compared with
	Low, High Value // trend: the usual range
	N         Value // ranking: observations, as small print
	Strong    bool
}

// Level is a horizontal line with its name.
type Level struct {
	Value Value
	Label Text
}

// Step is one step of a funnel.
type Step struct {
	Label Text
	Value Value
	Share Value // of the first step
	Lost  Text  // what fell out before the next step; Key "" for none
}
