// A log of another make, Tessera on a POSIX file system, that has its checkpoints witnessed under a policy file and
// publishes none without. Reads what to do on stdin as JSON, appends, waits until all is published, and prints the
// checkpoint.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

type task struct {
	Dir     string
	Secret  string // key of the log; empty: print a new one
	Policy  string
	Entries []string
	Seconds int // to wait for publication
}

func main() {
	var t task
	must(json.NewDecoder(os.Stdin).Decode(&t))
	if t.Secret == "" {
		secret, vkey, err := note.GenerateKey(nil, "log.example/tessera")
		must(err)
		print(map[string]string{"secret": secret, "vkey": vkey})
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(t.Seconds)*time.Second)
	defer cancel()
	signer, err := note.NewSigner(t.Secret)
	must(err)
	witnesses, err := tessera.NewWitnessGroupFromPolicy([]byte(t.Policy))
	must(err)
	driver, err := posix.New(ctx, posix.Config{Path: t.Dir})
	must(err)
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(uint(len(t.Entries)), 100*time.Millisecond).
		WithCheckpointInterval(100*time.Millisecond).
		WithWitnesses(witnesses, &tessera.WitnessOptions{Timeout: 3 * time.Second})
	appender, _, reader, err := tessera.NewAppender(ctx, driver, options)
	must(err)
	published := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 50*time.Millisecond)
	var added []tessera.IndexFuture
	for _, entry := range t.Entries {
		added = append(added, appender.Add(ctx, tessera.NewEntry([]byte(entry))))
	}
	var checkpoint []byte
	for _, one := range added {
		_, checkpoint, err = published.Await(ctx, one)
		must(err)
	}
	print(map[string]string{"checkpoint": string(checkpoint)})
}

func print(found map[string]string) {
	must(json.NewEncoder(os.Stdout).Encode(found))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
