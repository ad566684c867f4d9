package container

import (
	_ "embed" // commands.txt, models.txt
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/shape"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// version is the api-version of Microsoft.ContainerInstance.
const version = "2024-05-01-preview"

//go:embed commands.txt
var table string

//go:embed models.txt
var models string

// as gives v the form of a model.
func as(model string, v any) any { return shape.Read(models).Apply(model, v) }

// Commands are az container.
func Commands() ([]command.Group, []command.Command) {
	return command.Rows(table, map[string]command.Do{
		"container create":  {Run: create, Table: rows},
		"container show":    {Run: show, Table: rows},
		"container list":    {Run: list, Table: rows},
		"container delete":  {Run: remove},
		"container logs":    {Run: logs},
		"container attach":  {Run: attach},
		"container exec":    {Run: execute},
		"container export":  {Run: export},
		"container start":   {Run: act("start")},
		"container stop":    {Run: act("stop")},
		"container restart": {Run: act("restart")},
	})
}

// path is the group's.
func path(c *command.Call) (string, error) {
	name := c.Text("name")
	if name == "" {
		name = c.Text("container_group_name")
	}
	return c.Path("Microsoft.ContainerInstance", "containerGroups", name)
}

func get(c *command.Call) (at string, group any, err error) {
	if at, err = path(c); err != nil {
		return "", nil, err
	}
	group, err = c.Get(at, version)
	return at, group, err
}

func show(c *command.Call) (any, error) {
	_, v, err := get(c)
	return as("ContainerGroup", v), err
}

func list(c *command.Call) (any, error) {
	at, err := c.ListPath()
	if err != nil {
		return nil, err
	}
	items, err := c.Pages(at+"/providers/Microsoft.ContainerInstance/containerGroups", version)
	return as("ContainerGroup", items), err
}

func remove(c *command.Call) (any, error) {
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodDelete, at, version, nil)
	return as("ContainerGroup", v), err
}

// act is start, stop or restart.
func act(what string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		at, err := path(c)
		if err != nil {
			return nil, err
		}
		_, err = c.Send(http.MethodPost, at+"/"+what, version, nil)
		return nil, err
	}
}

// rows shows groups in a table as az does.
func rows(v any) any {
	items, ok := v.([]any)
	if !ok {
		return row(v)
	}
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = row(item)
	}
	return out
}

func row(v any) *value.Object {
	status := value.Path(v, "instanceView.state")
	if status == nil || status == "" {
		status = value.Path(v, "provisioningState")
	}
	return value.New("Name", value.Path(v, "name"), "ResourceGroup", value.Path(v, "resourceGroup"), "Status", status, "Image", images(v),
		"IP:ports", address(v), "Network", value.Path(v, "ipAddress.type"), "CPU/Memory", size(v), "OsType", value.Path(v, "osType"), "Location", value.Path(v, "location"))
}

func images(v any) any {
	var all []string
	for _, c := range value.List(v, "containers") {
		if image := value.String(c, "image"); !slices.Contains(all, image) {
			all = append(all, image)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return strings.Join(all, ",")
}

func address(v any) any {
	if value.ObjectAt(v, "ipAddress") == nil {
		return nil
	}
	var ports []string
	for _, p := range value.List(v, "ipAddress.ports") {
		ports = append(ports, value.Text(value.Path(p, "port")))
	}
	return value.Text(value.Path(v, "ipAddress.ip")) + ":" + strings.Join(ports, ",")
}

// size is the first container's. Azure: az stops adding after one.
func size(v any) any {
	containers := value.List(v, "containers")
	if len(containers) == 0 {
		return nil
	}
	number := func(path string) string {
		if n, ok := value.Path(containers[0], path).(json.Number); ok {
			return value.Number(n)
		}
		return "0"
	}
	return number("resources.requests.cpu") + " core/" + number("resources.requests.memoryInGb") + " gb"
}

// named is --container-name, or the first container of a group.
func named(c *command.Call, group any) string {
	if n := c.Text("container_name"); n != "" {
		return n
	}
	return value.String(group, "properties.containers.0.name")
}

func logs(c *command.Call) (any, error) {
	at, group, err := get(c)
	if err != nil {
		return nil, err
	}
	name := named(c, group)
	if !c.Flag("follow") {
		text, err := logOf(c, at, name)
		if err != nil {
			return nil, err
		}
		_, err = c.Out.Write([]byte(text + "\n"))
		return nil, err
	}
	return nil, follow(c, at, name)
}

func logOf(c *command.Call, at, name string) (string, error) {
	v, err := c.Get(at+"/containers/"+name+"/logs", version)
	return value.String(v, "content"), err
}

// follow prints what a log has more each time, until the container has ended.
func follow(c *command.Call, at, name string) error {
	shown := ""
	for {
		ended, err := terminated(c, at, name)
		if err != nil {
			return err
		}
		text, err := logOf(c, at, name)
		if err != nil {
			return err
		}
		more, ok := strings.CutPrefix(text, shown)
		if !ok { // it has begun anew
			more = text
		}
		shown = text
		if _, err := c.Out.Write([]byte(more)); err != nil || ended {
			return err
		}
		if err := pause(c, time.Second); err != nil {
			return err
		}
	}
}

func pause(c *command.Call, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-c.Context.Done():
		return c.Context.Err()
	case <-t.C:
		return nil
	}
}

// containerIn finds a container of a group.
func containerIn(group any, name string) (any, error) {
	for _, one := range value.List(group, "properties.containers") {
		if value.String(one, "name") == name {
			return one, nil
		}
	}
	return nil, command.Fail("Found 0 or more than 1 container with name '%s'", name)
}

// terminated reports whether nothing more will come from a container.
func terminated(c *command.Call, at, name string) (bool, error) {
	group, err := c.Get(at, version)
	if err != nil {
		return false, err
	}
	one, err := containerIn(group, name)
	if err != nil {
		return false, err
	}
	switch value.String(group, "properties.instanceView.state") {
	case "Succeeded", "Failed":
		return true, nil
	}
	return value.String(group, "properties.restartPolicy") != "Always" && value.String(one, "properties.instanceView.currentState.state") == "Terminated", nil
}

// attach tells what happens to a container until it runs, then follows its log.
func attach(c *command.Call) (any, error) {
	at, group, err := get(c)
	if err != nil {
		return nil, err
	}
	name := named(c, group)
	last, told := "", 0
	for {
		one, err := containerIn(group, name)
		if err != nil {
			return nil, err
		}
		state := value.String(one, "properties.instanceView.currentState.state")
		if state == "" {
			state = "Unknown"
		}
		var b strings.Builder
		if state != last {
			b.WriteString("Container '" + name + "' is in state '" + state + "'...\n")
		}
		last = state
		events := value.List(one, "properties.instanceView.events")
		for _, e := range events[min(told, len(events)):] {
			b.WriteString("(count: " + value.Text(value.Path(e, "count")) + ") (last timestamp: " + value.String(e, "lastTimestamp") + ") " + value.String(e, "message") + "\n")
		}
		told = len(events)
		if state == "Running" || state == "Terminated" {
			b.WriteString("\nStart streaming logs:\n")
		}
		if _, err := c.Out.Write([]byte(b.String())); err != nil {
			return nil, err
		}
		if state == "Running" || state == "Terminated" {
			return nil, follow(c, at, name)
		}
		if err := pause(c, time.Second); err != nil {
			return nil, err
		}
		if group, err = c.Get(at, version); err != nil {
			return nil, err
		}
	}
}
