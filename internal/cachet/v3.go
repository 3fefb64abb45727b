package cachet

// routesV3 is the API of Cachet 3.
var routesV3 = table(v3, "/api", []route{})

// problemV3 is an error as version 3 tells it.
type problemV3 struct {
	Message string              `json:"message"`
	Errors  map[string][]string `json:"errors,omitempty"`
}

func (c *call) messageV3(_ int, text string, wrong faults) problemV3 {
	out := problemV3{Message: text}
	for _, f := range wrong {
		if out.Errors == nil {
			out.Errors = map[string][]string{}
		}
		out.Errors[f.member] = append(out.Errors[f.member], f.text)
	}
	return out
}
