// Reads traces as OpenTelemetry's collector does: its file receiver takes a file apart at line ends, gives up on lines of more
// than 1 MiB, and has each of the others read by the collector's own OTLP/JSON reader.
//
// usage: otlp-reader FILE...
//
// Prints one JSON object: for each file a list of what became of its lines, in their order: {"spans": [...]} as they were
// understood, or {"error": "..."}. Where the collector would take only the first object of a line, and drop the others without
// a word, that is an error too. Empty lines are left out.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

const maxLine = 1 << 20 // the receiver's max_log_size

type event struct {
	Name       string         `json:"name"`
	Time       uint64         `json:"time"`
	Attributes map[string]any `json:"attributes"`
}

type span struct {
	Resource   map[string]any `json:"resource"`
	Scope      string         `json:"scope"`
	TraceID    string         `json:"trace_id"`
	SpanID     string         `json:"span_id"`
	ParentID   string         `json:"parent_id"`
	Flags      uint32         `json:"flags"`
	Name       string         `json:"name"`
	Kind       int32          `json:"kind"`
	Start      uint64         `json:"start"`
	End        uint64         `json:"end"`
	Attributes map[string]any `json:"attributes"`
	Events     []event        `json:"events"`
	Status     int32          `json:"status"`
	Message    string         `json:"message"`
}

type line struct {
	Spans []span `json:"spans,omitempty"`
	Error string `json:"error,omitempty"`
}

// Go's JSON has one kind of number; whole ones stay whole for whoever reads them with care.
func plain(attributes pcommon.Map) map[string]any { return attributes.AsRaw() }

func events(from ptrace.SpanEventSlice) []event {
	list := []event{}
	for i := 0; i < from.Len(); i++ {
		e := from.At(i)
		list = append(list, event{e.Name(), uint64(e.Timestamp()), plain(e.Attributes())})
	}
	return list
}

func spans(traces ptrace.Traces) []span {
	list := []span{}
	for i := 0; i < traces.ResourceSpans().Len(); i++ {
		resource := traces.ResourceSpans().At(i)
		for j := 0; j < resource.ScopeSpans().Len(); j++ {
			scope := resource.ScopeSpans().At(j)
			for k := 0; k < scope.Spans().Len(); k++ {
				s := scope.Spans().At(k)
				list = append(list, span{
					Resource: plain(resource.Resource().Attributes()), Scope: scope.Scope().Name(),
					TraceID: s.TraceID().String(), SpanID: s.SpanID().String(), ParentID: s.ParentSpanID().String(),
					Flags: s.Flags(), Name: s.Name(), Kind: int32(s.Kind()),
					Start: uint64(s.StartTimestamp()), End: uint64(s.EndTimestamp()),
					Attributes: plain(s.Attributes()), Events: events(s.Events()),
					Status: int32(s.Status().Code()), Message: s.Status().Message(),
				})
			}
		}
	}
	return list
}

// The spans of a line. Fields that OTLP does not have are an error here: the collector would leave them out.
func read(text []byte) ([]span, error) {
	if len(text) > maxLine {
		return nil, errors.New("longer than 1 MiB")
	}
	reader := ptrace.JSONUnmarshaler{DisallowUnknownFields: true}
	traces, err := reader.UnmarshalTraces(text)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	var first json.RawMessage
	if err := decoder.Decode(&first); err != nil {
		return nil, err
	}
	if decoder.More() {
		return nil, errors.New("more than one object")
	}
	return spans(traces), nil
}

func lines(content []byte) []line {
	list := []line{}
	for len(content) > 0 {
		text, rest, ended := bytes.Cut(content, []byte("\n"))
		content = rest
		if len(text) == 0 {
			continue
		}
		if !ended {
			list = append(list, line{Error: "without an end: the collector would wait for the rest"})
			continue
		}
		found, err := read(text)
		if err != nil {
			list = append(list, line{Error: err.Error()})
			continue
		}
		list = append(list, line{Spans: found})
	}
	return list
}

func main() {
	files := map[string][]line{}
	for _, name := range os.Args[1:] {
		content, err := os.ReadFile(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		files[name] = lines(content)
	}
	if err := json.NewEncoder(os.Stdout).Encode(files); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
