package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"orderly/internal/model"
	"orderly/internal/status"
)

// A Book is what the public is told. Its changes are on disk when they return, and it decides who may make them.
type Book interface {
	Read() *status.View
	Incidents
	Updates
	Takeovers
	Schedules
	Notes
	Components
	Groups
	Subscribers
}

// Incidents are written by people.
type Incidents interface {
	OpenIncident(ctx context.Context, by status.Actor, edit func(*status.Incident)) (*status.Incident, error)
	ChangeIncident(ctx context.Context, by status.Actor, id int64, edit func(*status.Incident)) (*status.Incident, error)
	DeleteIncident(ctx context.Context, by status.Actor, id int64) error
}

// Updates are what is new of an incident.
type Updates interface {
	AddUpdate(ctx context.Context, by status.Actor, incident int64, edit func(*status.Update)) (*status.Update, error)
	ChangeUpdate(ctx context.Context, by status.Actor, incident, id int64, edit func(*status.Update)) (*status.Update, error)
	DeleteUpdate(ctx context.Context, by status.Actor, incident, id int64) error
}

// Takeovers say who looks after an incident that checks opened.
type Takeovers interface {
	TakeIncident(ctx context.Context, by status.Actor, id int64) (*status.Incident, error)
	ReturnIncident(ctx context.Context, by status.Actor, id int64) (*status.Incident, error)
}

// Schedules are maintenance.
type Schedules interface {
	SaveSchedule(ctx context.Context, by status.Actor, id int64, edit func(*status.Schedule)) (*status.Schedule, error)
	DeleteSchedule(ctx context.Context, by status.Actor, id int64) error
}

// Notes are what is new of a maintenance.
type Notes interface {
	AddScheduleUpdate(ctx context.Context, by status.Actor, schedule int64, edit func(*status.Update)) (*status.Update, error)
	// ChangeScheduleUpdate removes the update if edit is nil.
	ChangeScheduleUpdate(ctx context.Context, by status.Actor, schedule, id int64, edit func(*status.Update)) (*status.Update, error)
}

// Components are what works or does not.
type Components interface {
	SaveComponent(ctx context.Context, by status.Actor, id int64, how status.How, edit func(*status.Component)) (*status.Component, error)
	DeleteComponent(ctx context.Context, by status.Actor, id int64) error
	ArrangeComponents(ctx context.Context, by status.Actor, ids []int64) error
}

// Groups are of components.
type Groups interface {
	SaveGroup(ctx context.Context, by status.Actor, id int64, edit func(*status.Group)) (*status.Group, error)
	DeleteGroup(ctx context.Context, by status.Actor, id int64) error
	ArrangeGroups(ctx context.Context, by status.Actor, ids []int64) error
}

// Subscribers hear of what happens.
type Subscribers interface {
	Unsubscribe(ctx context.Context, by status.Actor, id int64) error
}

// bookRoutes are the pages of what the public is told. Who may change what is for the Book to say in the end: an account may
// be for some components only.
func (d *dashboard) bookRoutes(mux *http.ServeMux) {
	read := func(pattern string, h handler) { mux.Handle(pattern, d.needs(model.ScopeRead, h)) }
	update := func(pattern string, h handler) { mux.Handle(pattern, d.needs(model.ScopeUpdate, h)) }
	manage := func(pattern string, h handler) { mux.Handle(pattern, d.needs(model.ScopeManage, h)) }

	read("GET /incidents", d.incidents)
	update("GET /incidents/new", d.incidentForm)
	update("POST /incidents", d.openIncident)
	read("GET /incidents/{id}", d.incident)
	update("POST /incidents/{id}", d.updateIncident)
	update("GET /incidents/{id}/edit", d.incidentEdit)
	update("POST /incidents/{id}/edit", d.changeIncident)
	update("GET /incidents/{id}/delete", d.confirmDeleteIncident)
	update("POST /incidents/{id}/delete", d.deleteIncident)
	update("GET /incidents/{id}/take", d.confirmTake)
	update("POST /incidents/{id}/take", d.takeIncident)
	update("GET /incidents/{id}/return", d.confirmReturn)
	update("POST /incidents/{id}/return", d.returnIncident)
	update("GET /incidents/{id}/updates/{update}/edit", d.remarkForm(d.ofIncident))
	update("POST /incidents/{id}/updates/{update}/edit", d.changeRemark(d.ofIncident))
	update("GET /incidents/{id}/updates/{update}/delete", d.confirmDropRemark(d.ofIncident))
	update("POST /incidents/{id}/updates/{update}/delete", d.dropRemark(d.ofIncident))

	update("GET /maintenance/new", d.maintenanceForm)
	update("POST /maintenance", d.planMaintenance)
	read("GET /maintenance/{id}", d.maintenance)
	update("POST /maintenance/{id}", d.noteMaintenance)
	update("GET /maintenance/{id}/edit", d.maintenanceEdit)
	update("POST /maintenance/{id}/edit", d.changeMaintenance)
	update("GET /maintenance/{id}/end", d.confirmComplete)
	update("POST /maintenance/{id}/end", d.completeMaintenance)
	update("GET /maintenance/{id}/delete", d.confirmDeleteMaintenance)
	update("POST /maintenance/{id}/delete", d.deleteMaintenance)
	update("GET /maintenance/{id}/updates/{update}/edit", d.remarkForm(d.ofMaintenance))
	update("POST /maintenance/{id}/updates/{update}/edit", d.changeRemark(d.ofMaintenance))
	update("GET /maintenance/{id}/updates/{update}/delete", d.confirmDropRemark(d.ofMaintenance))
	update("POST /maintenance/{id}/updates/{update}/delete", d.dropRemark(d.ofMaintenance))

	read("GET /components", d.components)
	manage("GET /components/new", d.componentForm)
	manage("POST /components", d.addComponent)
	update("GET /components/{id}", d.component)
	update("POST /components/{id}", d.changeComponent)
	update("POST /components/{id}/health", d.sayHealth)
	manage("POST /components/{id}/move", d.moveComponent)
	manage("GET /components/{id}/delete", d.confirmDeleteComponent)
	manage("POST /components/{id}/delete", d.deleteComponent)
	manage("GET /groups/new", d.groupForm)
	manage("POST /groups", d.addGroup)
	manage("GET /groups/{id}", d.group)
	manage("POST /groups/{id}", d.changeGroup)
	manage("POST /groups/{id}/move", d.moveGroup)
	manage("GET /groups/{id}/delete", d.confirmDeleteGroup)
	manage("POST /groups/{id}/delete", d.deleteGroup)
	manage("GET /subscribers", d.subscribers)
	manage("GET /subscribers/{id}/delete", d.confirmUnsubscribe)
	manage("POST /subscribers/{id}/delete", d.unsubscribe)
}

// number is what an address has in a place, 0 if that is no number of anything.
func (v *visit) number(place string) int64 {
	id, err := strconv.ParseInt(v.r.PathValue(place), 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// writes tells whether a visitor's account has the scope to change more than how things are, if perhaps of some components
// only.
func (v *visit) writes() bool {
	return v.account != nil && (v.account.Scope == model.ScopeManage || v.account.Scope == model.ScopeAdmin)
}

// mayWrite refuses a form to whoever could not send it.
func (v *visit) mayWrite() error {
	if v.writes() {
		return nil
	}
	return refuse(http.StatusForbidden, "The account "+v.name()+" may tell how things are, but not change this: it needs the scope “"+string(model.ScopeManage)+"”.")
}

// settled answers when something was to be written: it leads on, or shows the form again with what is wrong with it. Without
// again there is no form.
func settled(w http.ResponseWriter, v *visit, err error, on string, again func(complaint string)) error {
	complaint, err := bookComplaint(err)
	switch {
	case err != nil:
		return err
	case complaint == "":
		http.Redirect(w, v.r, on, http.StatusSeeOther)
	case again == nil:
		return refuse(http.StatusConflict, complaint)
	default:
		again(complaint)
	}
	return nil
}

// bookComplaint is what is wrong with what somebody wrote, in words for them, or another error.
func bookComplaint(err error) (string, error) {
	var invalid *status.Invalid
	switch {
	case errors.As(err, &invalid):
		return strings.Join(invalid.Details, " "), nil
	case errors.Is(err, status.ErrForbidden):
		return "", refuse(http.StatusForbidden, "This account may not change that.")
	case errors.Is(err, status.ErrNotFound):
		return "", refuse(http.StatusNotFound, "That is gone.")
	case errors.Is(err, status.ErrUnsaved):
		return "", refuse(http.StatusInsufficientStorage, "That is changed, but it cannot be saved, and will be lost at a restart.")
	}
	return "", err
}
