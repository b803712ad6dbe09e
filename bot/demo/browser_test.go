package demo_test

import (
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newBrowser starts the Chromium of this machine, with a profile of its own.
func newBrowser(t *testing.T) *rod.Browser {
	path := os.Getenv("PULSO_TEST_CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); path == "" && err == nil {
			path = found
		}
	}
	require.NotEmpty(t, path, "no Chromium: install one (Debian: apt-get install chromium fonts-noto-color-emoji) or set PULSO_TEST_CHROMIUM")
	l := launcher.New().Bin(path).Leakless(false).Headless(true).NoSandbox(true).UserDataDir(t.TempDir()).
		Set("disable-gpu").Set("disable-background-networking").Set("disable-dev-shm-usage")
	address, err := l.Launch()
	require.NoError(t, err)
	b := rod.New().ControlURL(address)
	require.NoError(t, b.Connect())
	t.Cleanup(func() {
		_ = b.Close()
		l.Kill()
		l.Cleanup()
	})
	return b
}

// open opens the page on a screen of this size, and gathers what goes wrong in
// it: exceptions, and whatever the content security policy forbids.
func open(t *testing.T, p *phone, b *rod.Browser, width, height int) *rod.Page {
	tab := b.MustPage("").Timeout(time.Minute)
	tab.MustSetViewport(width, height, 1, width < 500)
	var mu sync.Mutex
	var wrong []string
	add := func(text string) { mu.Lock(); defer mu.Unlock(); wrong = append(wrong, text) }
	go tab.EachEvent(
		func(e *proto.RuntimeExceptionThrown) { add(e.ExceptionDetails.Text) },
		func(e *proto.LogEntryAdded) { add(e.Entry.Text) },
	)()
	require.NoError(t, proto.LogEnable{}.Call(tab))
	tab.MustNavigate(p.url()).MustWaitLoad()
	tab.MustElementR("#status", "en línea")
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		assert.Empty(t, wrong)
		_ = tab.Close()
	})
	return tab
}

// say types a message and sends it.
func say(tab *rod.Page, text string) {
	tab.MustElement("#text").MustInput(text)
	tab.MustElement(".send").MustClick()
}

// fits reports that nothing is wider than the screen.
func fits(t *testing.T, tab *rod.Page) {
	assert.True(t, tab.MustEval(`() => document.documentElement.scrollWidth <= innerWidth && document.querySelector("#chat").scrollWidth <= document.querySelector("#chat").clientWidth`).Bool())
}

func TestOnAPhone(t *testing.T) {
	p := newPhone(t)
	tab := open(t, p, newBrowser(t), 360, 740)
	box := tab.MustElement(".phone").MustShape().Box()
	assert.Equal(t, [2]float64{360, 740}, [2]float64{box.Width, box.Height}, "it fills the screen")
	assert.False(t, tab.MustElement("#guide").MustVisible())

	say(tab, "¿qué tal?")
	tab.MustElementR(".theirs .text", "Dijiste: ¿qué tal\\?")
	tab.MustElement(".own .ticks.read")
	assert.Empty(t, tab.MustElement("#text").MustProperty("value").Str())
	assert.Len(t, tab.MustElements(".own"), 1, "once, whether it was sent or came back")
	fits(t, tab)

	say(tab, "hola")
	tab.MustElement(".opener").MustClick()
	tab.MustElementR("dialog[open] li button", "Los más lentos").MustClick()
	tab.MustElementR(".theirs .text", "Tocaste Los más lentos \\(slow\\)")
	assert.Empty(t, tab.MustElements("dialog[open]"))

	tab.MustElementR(".chips button", "resumen de hoy").MustClick()
	tab.MustElementR(".theirs code.block", "Julián")
	tab.MustElementR(".is-buttons .choices button", "Quién espera").MustClick()
	tab.MustElementR(".own .quote", "Hoy, hasta las 11:20")
	tab.MustElementR(".theirs .text", "Tocaste Quién espera")
	fits(t, tab)
}

func TestPicturesFilesAndQuotes(t *testing.T) {
	p := newPhone(t)
	tab := open(t, p, newBrowser(t), 360, 740)
	say(tab, "en gráfico")
	tab.MustElement(".shot").MustClick()
	big := tab.MustElement("#enlarged[open] img")
	tab.MustWait(`() => document.querySelector("#enlarged img").naturalWidth === 640`)
	assert.True(t, big.MustVisible())
	tab.MustElement("#enlarged .shut").MustClick()

	say(tab, "excel")
	file := tab.MustElement(".file")
	assert.Equal(t, "agentes octubre.pdf", *file.MustAttribute("download"))
	assert.Contains(t, file.MustText(), "20 kB · PDF")

	tab.MustElement(".is-document .answer").MustClick()
	assert.True(t, tab.MustElement("#answering").MustVisible())
	say(tab, "gracias")
	tab.MustElementR(".own .quote", "Agentes, octubre de 2026")
	assert.False(t, tab.MustElement("#answering").MustVisible())

	p.text(`<img src=x onerror="document.title='x'"> & *fin*`)
	assert.Equal(t, `<img src=x onerror="document.title='x'"> & fin`, tab.MustElementR(".theirs .text", "fin$").MustText())
	fits(t, tab)
}

func TestTheOtherSideTypes(t *testing.T) {
	p := newPhone(t)
	tab := open(t, p, newBrowser(t), 360, 740)
	say(tab, "piensa")
	tab.MustElement(".typing")
	tab.MustElementR("#status", "escribiendo…")
	p.text("ya")
	tab.MustElementR(".theirs .text", "^ya$")
	tab.MustWait(`() => !document.querySelector("#chat .typing")`)
	tab.MustElementR("#status", "en línea")
}

func TestTheGuide(t *testing.T) {
	p := newPhone(t)
	b := newBrowser(t)
	t.Run("on a phone", func(t *testing.T) {
		tab := open(t, p, b, 360, 740)
		tab.MustElement("#ask").MustClick()
		guide := tab.MustElement("#guide")
		guide.MustWaitVisible()
		guide.MustElementR("button", "agentes más lentos").MustClick()
		guide.MustWaitInvisible()
		tab.MustElementR(".theirs .text", "Dijiste: agentes más lentos")
	})
	t.Run("on a desk", func(t *testing.T) {
		tab := open(t, p, b, 1280, 860)
		guide := tab.MustElement("#guide")
		assert.True(t, guide.MustVisible())
		assert.Less(t, tab.MustElement(".phone").MustShape().Box().Width, 450.0)
		assert.Equal(t, "/readyz", guide.MustElement(`.links a[href="/readyz"]`).MustText())
		guide.MustElement("#silence button").MustClick()
		assert.True(t, <-p.silent)
		tab.MustElementR(".notice", "la ventana de 24 h está cerrada")
		translated := tab.WaitNavigation(proto.PageLifecycleEventNameDOMContentLoaded) // a page that is going cannot be looked into
		guide.MustElement(`nav a[hreflang="pt"]`).MustClick()
		translated()
		tab.MustElementR("#guide h2", "O telefone de Olga Duarte")
	})
}

// TestEverythingHasAName looks for controls that a screen reader could not
// tell, and for ones too small for a thumb.
func TestEverythingHasAName(t *testing.T) {
	p := newPhone(t)
	tab := open(t, p, newBrowser(t), 360, 740)
	for _, text := range []string{"hola", "resumen de hoy", "en gráfico", "excel"} {
		say(tab, text)
	}
	tab.MustElement(".file")
	tab.MustElement(".shot")
	bad := tab.MustEval(`() => [...document.querySelectorAll("button, a, textarea, img")].filter((e) => e.offsetParent).map((e) => {
		const box = e.getBoundingClientRect(), name = e.getAttribute("aria-label") || e.textContent.trim() || e.alt || e.labels?.[0]?.textContent;
		return name && (e.tagName === "IMG" || box.height >= 32 && box.width >= 32) ? "" : e.outerHTML.slice(0, 90);
	}).filter(Boolean).join("\n")`).Str()
	assert.Empty(t, bad)
}
