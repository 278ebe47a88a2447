// Follows a log as any client of C2SP tlog-tiles would: opens its checkpoint under its key, rebuilds the root from its
// tiles, proves every entry in it, and that it goes on from the checkpoint that was seen before. Reads what to do on
// stdin as JSON, and prints what it found.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type task struct {
	URL    string
	Token  string
	Vkey   string
	Before string // the checkpoint seen before; empty at first
}

type found struct {
	Checkpoint string `json:"checkpoint"`
	Size       int64  `json:"size"`
	Entries    int    `json:"entries"`
	Tiles      int    `json:"tiles"`
}

func main() {
	var t task
	must(json.NewDecoder(os.Stdin).Decode(&t))
	text := string(get(t, t.URL+"/checkpoint"))
	tree, err := open(t.Vkey, text)
	must(err)
	tiles := &reader{task: t}
	hashes := tlog.TileHashReader(tree, tiles)
	root, err := tlog.TreeHash(tree.N, hashes)
	must(err)
	if root != tree.Hash {
		must(errors.New("the tiles give another root"))
	}
	entries := 0
	for n := int64(0); n*256 < tree.N; n++ {
		width := min(256, tree.N-n*256)
		for i, entry := range bundle(get(t, t.URL+"/v1/log/"+path("entries", n, width)), int(width)) {
			index := n*256 + int64(i)
			proof, err := tlog.ProveRecord(tree.N, index, hashes)
			must(err)
			must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)))
			entries++
		}
	}
	if t.Before != "" {
		old, err := open(t.Vkey, t.Before)
		must(err)
		if old.N > 0 {
			proof, err := tlog.ProveTree(tree.N, old.N, hashes)
			must(err)
			must(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
		}
	}
	must(json.NewEncoder(os.Stdout).Encode(found{text, tree.N, entries, tiles.read}))
}

// open verifies a checkpoint (C2SP tlog-checkpoint), whose origin is the name of the key.
func open(vkey, text string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, errors.New("not a root")
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}, nil
}

type reader struct {
	task task
	read int
}

func (*reader) Height() int                      { return 8 }
func (*reader) SaveTiles([]tlog.Tile, [][]byte) {}
func (r *reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		r.read++
		all = append(all, get(r.task, r.task.URL+"/"+path(strconv.Itoa(tile.L), tile.N, int64(tile.W))))
	}
	return all, nil
}

// path of a tile or bundle (C2SP tlog-tiles): Go's own tiles also name their height.
func path(level string, n, width int64) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	if width < 256 {
		name += fmt.Sprintf(".p/%d", width)
	}
	return "tile/" + level + "/" + name
}

func bundle(data []byte, width int) [][]byte {
	var entries [][]byte
	for range width {
		size := int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:2+size])
		data = data[2+size:]
	}
	if len(data) > 0 {
		must(errors.New("more bytes than entries"))
	}
	return entries
}

func get(t task, url string) []byte {
	request, err := http.NewRequest("GET", url, nil)
	must(err)
	if strings.Contains(url, "/v1/") {
		request.Header.Set("Authorization", "Bearer "+t.Token)
	}
	reply, err := http.DefaultClient.Do(request)
	must(err)
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	must(err)
	if reply.StatusCode != 200 {
		must(fmt.Errorf("%s: %s", url, reply.Status))
	}
	return body
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
