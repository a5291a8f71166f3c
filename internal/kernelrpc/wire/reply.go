package wire

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/zone"
)

// MaxReply is the most bytes of a reply: the statistics of ten thousand zones fit.
const MaxReply = 64 << 20

// EncodeReply encodes a reply: a body, nil for none, the error of a call that failed,
// and the spans of one that was traced. The version is followed by the error and the spans,
// each behind its length, 0 for none, and by the body. EMSGSIZE when the reply is longer
// than MaxReply.
func EncodeReply(body any, failure *zone.Error, spans []trace.Span) (message []byte, err error) {
	var failed, recorded []byte
	if failure != nil {
		if failed, err = json.Marshal(failure); err != nil {
			return nil, err
		}
	}
	if spans != nil {
		if recorded, err = json.Marshal(spans); err != nil {
			return nil, err
		}
	}
	message = appendPart([]byte{Version}, failed)
	message = appendPart(message, recorded)
	return appendBody(message, body, MaxReply)
}

// DecodeReply decodes a reply and its body, nil where it isn't wanted. failure is the
// error of the call; err says that the message is no reply.
func DecodeReply(message []byte, body any) (failure *zone.Error, spans []trace.Span, err error) {
	defer func() {
		if err != nil {
			failure, spans, err = nil, nil, fmt.Errorf("reply of the kernel process: %w", err)
		}
	}()
	if len(message) == 0 || message[0] != Version {
		return nil, nil, errMark
	}
	failed, rest, ok := cutPart(message[1:])
	recorded, raw, ok2 := cutPart(rest)
	if !ok || !ok2 {
		return nil, nil, errors.New("it is malformed")
	}
	if failure, err = zone.DecodeError(failed); err != nil {
		return nil, nil, err
	}
	if len(recorded) > 0 {
		if err := json.Unmarshal(recorded, &spans); err != nil {
			return nil, nil, err
		}
	}
	if len(raw) > 0 {
		if err := takeBody(raw, body); err != nil {
			return nil, nil, err
		}
	}
	if out, ok := body.(*zone.Outcome); ok {
		return failure, spans, check(out)
	}
	return failure, spans, nil
}

// check checks the errors in an outcome.
func check(out *zone.Outcome) error {
	for _, f := range out.Failed {
		if f.Err.Depth() > zone.MaxCauses {
			return fmt.Errorf("step %d: an error of more than %d causes", f.Step, zone.MaxCauses)
		}
	}
	return nil
}
