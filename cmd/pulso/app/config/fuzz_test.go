package config

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// FuzzLoad looks for a file and an environment (one variable a line) that are
// neither settings nor a list of faults.
func FuzzLoad(f *testing.F) {
	example, err := os.ReadFile(examplePath)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example), "")
	f.Add(uncomment(string(example)), "PULSO_WHATSAPP_0_NAME=x\nPULSO_PEOPLE_0_DIGESTS_1_AT=10:00")
	f.Add(shop, "PULSO_BUSINESS_HOURS_TUE=09:00-10:00,11:00-12:00\nPULSO_DATABASE_DSN_FILE=secret")
	f.Fuzz(func(t *testing.T, yaml, env string) {
		read := files{"config.yaml": yaml, "secret": "sqlite:x.db\n"}.read
		c, err := Load(Options{Path: "config.yaml", Env: strings.Split(env, "\n"), ReadFile: read})
		if (c == nil) == (err == nil) {
			t.Fatalf("config %v and error %v", c, err)
		}
		if err != nil {
			told(t, err)
			return
		}
		if _, err := c.Rules(); err != nil {
			t.Fatalf("loaded, but has no rules: %v", err)
		}
		for _, w := range c.Warnings() {
			if w == "" {
				t.Fatal("an empty warning")
			}
		}
	})
}

// told wants every fault to say where and what.
func told(t *testing.T, err error) {
	t.Helper()
	var list Faults
	if !errors.As(err, &list) || len(list) == 0 {
		t.Fatalf("an error that is no list of faults: %v", err)
	}
	for _, f := range list {
		if f.Source == "" || f.Text == "" || f.Source == "config.yaml" && f.Line < 1 {
			t.Fatalf("a fault without place or text: %+v", f)
		}
	}
}
