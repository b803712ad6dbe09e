package file

import (
	"os"
	"testing"
)

func TestDump(t *testing.T) {
	w := writer(t)
	os.MkdirAll("/tmp/filelook", 0o755)
	for name, a := range answers() {
		for _, f := range []string{"pdf", "xlsx"} {
			for _, l := range []string{"es"} {
				c, err := w.Report(a, f, l)
				if err != nil {
					t.Error(err)
					continue
				}
				os.WriteFile("/tmp/filelook/"+name+"-"+l+"."+f, c.Body, 0o644)
				t.Log(name, c.Name, len(c.Body))
			}
		}
	}
}
