package native

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"orderly/internal/model"
)

// objects finds every object that the schema describes, by its place.
func objects(place string, schema any, found map[string][]string) {
	switch s := schema.(type) {
	case map[string]any:
		if properties, ok := s["properties"].(map[string]any); ok && s["additionalProperties"] != nil {
			for key := range properties {
				found[place] = append(found[place], key)
			}
		}
		for key, value := range s {
			objects(strings.TrimPrefix(place+"/"+key, "/"), value, found)
		}
	case []any:
		for _, value := range s {
			objects(place, value, found)
		}
	}
}

func TestSchemaHasTheKeysOfTheDecoder(t *testing.T) {
	var schema any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	objects("", schema, found)
	want := map[string][]string{
		"": keys(fileFields), "$defs/limits": keys(limitFields), "$defs/tls": keys(tlsFields), "$defs/mail": keys(mailFields),
		"$defs/mail server/anyOf": keys(serverFields), "$defs/alert/anyOf": keys(routeFields),
		"$defs/alert/anyOf/properties/with": keys(paramFields),
		"$defs/program/anyOf":               keys(commandFields), "$defs/service": keys(serviceFields),
		"$defs/log/anyOf": keys(logFields), "$defs/httpd": keys(httpdFields), "$defs/server tls": keys(serverTLSFields),
		"$defs/socket/anyOf": keys(socketFields), "$defs/admission/anyOf": keys(admissionFields),
		"$defs/ask": keys(askFields), "properties/connectivity": keys(connectivityFields),
		"properties/inspeqtor": keys(inspeqtorFields),
		"properties/pings":     keys(pingsFields), "properties/heartbeat/anyOf": keys(beatFields),
		"properties/page": keys(pageFields), "properties/accounts/additionalProperties": keys(accountFields),
		"properties/history": keys(retentionFields), "$defs/component/anyOf": keys(faceFields),
		"$defs/repair": keys(repairFields), "$defs/maintenance/anyOf": keys(maintenanceFields),
		"$defs/alert/anyOf/properties/reminder/oneOf": keys(reminderFields),
		"$defs/collector/anyOf":                       keys(collectorFields),
		"$defs/ignore/anyOf":                          keys(ignoreFields), "$defs/rule/anyOf": keys(ruleFields), "$defs/action/anyOf": keys(actionFields),
	}
	for place, got := range found {
		slices.Sort(got)
		slices.Sort(want[place])
		if !slices.Equal(got, want[place]) {
			t.Errorf("%s has the keys\n%q, the decoder knows\n%q", place, got, want[place])
		}
	}
	if len(found) != len(want) {
		t.Errorf("the schema describes %d objects, the decoder knows %d", len(found), len(want))
	}
}

func TestSchemaHasTheWordsOfTheDecoder(t *testing.T) {
	var schema struct {
		Defs struct {
			Event struct {
				Enum []string
			}
			Action struct {
				AnyOf []struct{ Enum []string }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	if got := schema.Defs.Event.Enum; !slices.Equal(got, model.AllTopics.Names()) {
		t.Errorf("events are %q", got)
	}
	if got := schema.Defs.Action.AnyOf[0].Enum; !slices.Equal(got, actionWords) {
		t.Errorf("actions are %q", got)
	}
}

func TestSchemaResolves(t *testing.T) {
	var schema struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(Schema()), `"$ref": "#/$defs/`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if schema.Defs[name] == nil {
			t.Errorf("nothing is called %q", name)
		}
	}
}
