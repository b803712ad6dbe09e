package app

import (
	"context"
	"fmt"

	"pulso/bot"
	"pulso/models"
)

// rulesAll returns every alert rule with its state: those of the file under the
// numbers 1, 2, …, then those that were set by chat.
func (a *App) rulesAll(ctx context.Context) ([]bot.Guarded, error) {
	states, err := a.Store.Alarms(ctx)
	if err != nil {
		return nil, err
	}
	stored, err := a.Store.StoredRules(ctx)
	if err != nil {
		return nil, err
	}
	var list []bot.Guarded
	for i, c := range a.Config.Alerts {
		r := models.Rule{
			ID: int64(i + 1), Name: c.Name, Metric: c.When.Metric, Op: c.When.Op, Threshold: c.When.Threshold, Clear: c.ClearLevel,
			For: int64(c.For), Over: int64(c.Over), MinN: c.MinN, Teams: c.Scope.Teams, Channels: c.Scope.Channels, To: c.To,
			QuietFrom: int(c.Quiet.From), QuietTo: int(c.Quiet.To), Repeat: int64(c.Repeat), KeepFiring: int64(c.KeepFiring),
			Critical: string(c.Severity) == "critical", FromFile: true,
		}
		key := "file/" + c.Name
		list = append(list, bot.Guarded{Rule: r, Key: key, Alarm: states[key]})
	}
	for _, r := range stored {
		key := ruleKey(r.ID)
		list = append(list, bot.Guarded{Rule: r, Key: key, Alarm: states[key]})
	}
	return list, nil
}

// ruleKey names the state of a stored rule.
func ruleKey(id int64) string { return fmt.Sprintf("rule/%d", id) }

// moveRules changes the states of rules by key, and returns those changed, which
// tell makes messages of.
func (a *App) moveRules(ctx context.Context, keys []string, change func(*models.Alarm), tell func([]bot.Guarded) ([]*models.Outgoing, error)) ([]bot.Guarded, error) {
	list, err := a.rulesAll(ctx)
	if err != nil {
		return nil, err
	}
	var changed []bot.Guarded
	for _, g := range list {
		for _, key := range keys {
			if g.Key == key {
				was := g.Alarm
				g.Alarm.Rule = key
				if change(&g.Alarm); g.Alarm.AckedAt == was.AckedAt && g.Alarm.MutedTill == was.MutedTill {
					continue
				}
				changed = append(changed, g)
			}
		}
	}
	alarms := make([]models.Alarm, len(changed))
	for i, g := range changed {
		alarms[i] = g.Alarm
	}
	if len(changed) == 0 {
		return nil, nil
	}
	messages, err := tell(changed)
	if err != nil {
		return nil, err
	}
	return changed, a.Store.MoveAlarms(ctx, alarms, messages)
}
