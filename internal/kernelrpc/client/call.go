package client

import (
	"errors"
	"os"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// call makes a call. body is what the op takes, answer points to what it returns; nil
// for neither. A call that fails may have an answer, too.
func (c *Client) call(r *wire.Request, body, answer any) error {
	conn, files, err := c.converse(r, body, answer)
	closeAll(files)
	if conn != nil {
		c.give(conn)
	}
	return err
}

// converse makes a call and also returns the connection, for calls that keep it; nil when
// there was no reply.
func (c *Client) converse(r *wire.Request, body, answer any, files ...*os.File) (*door.Conn, []*os.File, error) {
	r.Trace = trace.Active()
	message, err := wire.EncodeRequest(r, body)
	if err != nil {
		return nil, nil, &zone.Error{Op: r.Op, ID: r.ID, Name: r.Name, Errno: zone.ErrnoOf(err), Cause: zone.AsError(err)}
	}
	for {
		conn, pid, err := c.take()
		if err == nil {
			var passed []*os.File
			var failure error
			if passed, failure, err = exchange(conn, r.Op, message, answer, files...); err == nil {
				c.settle()
				return conn, passed, failure
			}
			conn.Close()
		}
		if !c.again(pid) {
			return nil, nil, lost(r, err)
		}
	}
}

// exchange sends a request on a connection and receives the reply. failure is the error
// of the call; err says why there was no reply.
func exchange(conn *door.Conn, op string, message []byte, answer any, files ...*os.File) (passed []*os.File, failure, err error) {
	defer trace.Begin(trace.Call, op)()
	if err := wire.Send(conn, message, files...); err != nil {
		return nil, nil, err
	}
	reply, passed, err := wire.Receive(conn, wire.MaxReply)
	if err != nil {
		return nil, nil, err
	}
	failed, spans, err := wire.DecodeReply(reply, answer)
	if err != nil {
		closeAll(passed)
		return nil, nil, err
	}
	trace.Add(spans)
	if failed != nil {
		failure = failed
	}
	return passed, failure, nil
}

// lost is the error of a call without a reply.
func lost(r *wire.Request, err error) error {
	if errors.Is(err, os.ErrClosed) {
		return err
	}
	return &zone.Error{Op: r.Op, ID: r.ID, Name: r.Name, Errno: errno.EIO, Text: "the kernel process does not answer", Cause: zone.AsError(err)}
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
