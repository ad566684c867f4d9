package store

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// exportFormat is the first line of an export.
const exportFormat = "lazuli store 1"

// exported is a line of an export: the header, a row, or the end.
type exported struct {
	Format string          `json:"format,omitempty"` // header
	Key    []byte          `json:"key,omitempty"`    // row: the etcd key after the prefix
	Value  json.RawMessage `json:"value,omitempty"`  // row
	End    *int            `json:"end,omitempty"`    // end: how many rows there were
}

// Export writes every row as of one revision, as lines of JSON: a backup, and
// the way from the embedded server to a cluster. Rows with a time to live are
// left out. The store stays in use meanwhile.
func (s *Store) Export(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	if err := enc.Encode(exported{Format: exportFormat}); err != nil {
		return fmt.Errorf("store: export: %w", err)
	}
	rows, rev := 0, int64(0)
	from, end := s.prefix, clientv3.GetPrefixRangeEnd(s.prefix)
	for {
		r, err := s.client.Get(ctx, from, clientv3.WithRange(end), clientv3.WithLimit(pageSize), clientv3.WithRev(rev))
		if err != nil {
			return fmt.Errorf("store: export: %w", err)
		}
		if rev == 0 {
			rev = r.Header.Revision
		}
		for _, kv := range r.Kvs {
			if c := s.change(kv, true); c.table == markers || kv.Lease != 0 {
				continue
			}
			rows++
			if err := enc.Encode(exported{Key: kv.Key[len(s.prefix):], Value: kv.Value}); err != nil {
				return fmt.Errorf("store: export: %w", err)
			}
		}
		if !r.More || len(r.Kvs) == 0 {
			break
		}
		from = string(r.Kvs[len(r.Kvs)-1].Key) + "\x00"
	}
	if err := enc.Encode(exported{End: &rows}); err != nil {
		return fmt.Errorf("store: export: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("store: export: %w", err)
	}
	return nil
}

// Import reads what Export wrote into an empty store. The rows get new ETags.
// After an error the store holds a part of the rows and is to be thrown away.
func (s *Store) Import(ctx context.Context, r io.Reader) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.inflight.Done()
	if have, err := s.client.Get(ctx, s.prefix, clientv3.WithPrefix(), clientv3.WithCountOnly()); err != nil {
		return fmt.Errorf("store: import: %w", err)
	} else if have.Count > 0 {
		return fmt.Errorf("store: import: there are %d rows already: import into a new data directory", have.Count)
	}
	dec := json.NewDecoder(r)
	var line exported
	if err := dec.Decode(&line); err != nil || line.Format != exportFormat {
		return errors.New("store: import: this is not an export of the store (or of a later version)")
	}
	in := importer{s: s}
	for rows := 0; ; rows++ {
		line = exported{}
		if err := dec.Decode(&line); err != nil {
			return fmt.Errorf("store: import: row %d: %w: the export is cut short or damaged", rows+1, err)
		}
		if line.End != nil {
			if *line.End != rows {
				return fmt.Errorf("store: import: %d rows of %d: the export is damaged", rows, *line.End)
			}
			return in.flush(ctx)
		}
		if len(line.Key) == 0 {
			return fmt.Errorf("store: import: row %d has no key: the export is damaged", rows+1)
		}
		if err := in.add(ctx, string(line.Key), string(line.Value)); err != nil {
			return err
		}
	}
}

// importer writes rows in transactions any cluster takes.
type importer struct {
	s     *Store
	ops   []clientv3.Op
	bytes int
}

func (in *importer) add(ctx context.Context, key, value string) error {
	if len(in.ops) == 100 || in.bytes+len(value) > 1<<20 {
		if err := in.flush(ctx); err != nil {
			return err
		}
	}
	in.ops = append(in.ops, clientv3.OpPut(in.s.prefix+key, value))
	in.bytes += len(key) + len(value)
	return nil
}

func (in *importer) flush(ctx context.Context) error {
	if len(in.ops) == 0 {
		return nil
	}
	r, err := in.s.client.Txn(ctx).Then(in.ops...).Commit()
	if err != nil {
		return fmt.Errorf("store: import: %w", in.s.explain(err, 0, len(in.ops)))
	}
	in.ops, in.bytes = nil, 0
	return in.s.awaitRevision(ctx, r.Header.Revision)
}
