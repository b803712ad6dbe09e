package demo

import (
	"strings"
	"time"
)

// note is a comment that customers never see.
func (k *talk) note(t time.Time) {
	if k.over {
		return
	}
	if k.chance(appealsUp) {
		k.comment(t, k.one(appeals), k.shop.manager.Name)
		return
	}
	k.comment(t, k.one(notes))
}

func (k *talk) comment(t time.Time, words string, mentions ...string) {
	if len(mentions) > 0 {
		words = strings.ReplaceAll(words, "{m}", mentions[0])
	}
	e := k.event(t, "comment.added", k.line, k.who)
	e["agent"] = k.agent.object()
	comment := object{"text": words}
	if len(mentions) > 0 {
		comment["mentions"] = mentions
	}
	e["comment"] = comment
	k.post.event(t, e)
}

// handOver passes the conversation to a colleague, most often of another team.
func (k *talk) handOver(t time.Time) {
	k.at(t, func(t time.Time) {
		if k.over {
			return
		}
		team := k.topic.team
		if k.chance(0.6) {
			team = map[string]string{ventas: postventa, soporte: postventa, postventa: soporte}[team]
		}
		next, _ := k.shop.near(team, t, k.agent)
		k.comment(t, k.one(handovers), next.name)
		k.at(t.Add(2*time.Second), func(t time.Time) {
			k.give(t, next, true)
			k.at(k.ready(t, 1), k.answer)
		})
	})
}
