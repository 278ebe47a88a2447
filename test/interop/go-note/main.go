// Reads questions on stdin, a JSON array, and answers each with what the Go implementations of the C2SP
// formats say, a JSON array on stdout.
package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/transparency-dev/formats/log"
	cosig "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
)

type question struct {
	Ask       string
	Bytes     []byte
	Origin    string
	Keys      []string
	Witnesses []string
	Size      uint64
	Hashes    [][]byte
	Extra     []byte
}

type signature struct {
	Name string `json:"name"`
	ID   string `json:"keyId"`
	Time int64  `json:"time"`
}

type answer struct {
	Error      string      `json:"error,omitempty"`
	Text       string      `json:"text,omitempty"`
	Signatures []signature `json:"signatures,omitempty"`
	Origin     string      `json:"origin,omitempty"`
	Size       uint64      `json:"size,omitempty"`
	Root       []byte      `json:"root,omitempty"`
	Index      uint64      `json:"index,omitempty"`
	Hashes     [][]byte    `json:"hashes,omitempty"`
	Extra      []byte      `json:"extra,omitempty"`
	Bytes      []byte      `json:"bytes,omitempty"`
	Keys       []string    `json:"keys,omitempty"`
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	answers := make([]answer, 0, len(questions))
	for _, q := range questions {
		a, err := answerTo(q)
		if err != nil {
			a = answer{Error: err.Error()}
		}
		answers = append(answers, a)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func answerTo(q question) (answer, error) {
	switch q.Ask {
	case "read":
		return read(q)
	case "verify":
		return verify(q)
	case "checkpoint":
		return checkpoint(q)
	case "proof":
		return readProof(q)
	case "sign":
		return sign(q)
	}
	return answer{}, fmt.Errorf("nobody asks %q", q.Ask)
}

// read parses a note and knows nobody.
func read(q question) (answer, error) {
	_, err := note.Open(q.Bytes, note.VerifierList())
	var unverified *note.UnverifiedNoteError
	if !errors.As(err, &unverified) {
		return answer{}, err
	}
	return answer{Text: unverified.Note.Text, Signatures: signatures(unverified.Note.UnverifiedSigs)}, nil
}

func verify(q question) (answer, error) {
	known, err := verifiers(q.Keys)
	if err != nil {
		return answer{}, err
	}
	n, err := note.Open(q.Bytes, note.VerifierList(known...))
	if err != nil {
		return answer{}, err
	}
	return answer{Text: n.Text, Signatures: signatures(n.Sigs)}, nil
}

func checkpoint(q question) (answer, error) {
	keys, err := verifiers(q.Keys)
	if err != nil {
		return answer{}, err
	}
	witnesses, err := verifiers(q.Witnesses)
	if err != nil {
		return answer{}, err
	}
	c, _, n, err := log.ParseCheckpoint(q.Bytes, q.Origin, keys[0], witnesses...)
	if err != nil {
		return answer{}, err
	}
	return answer{Origin: c.Origin, Size: c.Size, Root: c.Hash, Signatures: signatures(n.Sigs)}, nil
}

func readProof(q question) (answer, error) {
	var p proof.TLogProof
	if err := p.Unmarshal(q.Bytes); err != nil {
		return answer{}, err
	}
	a := answer{Index: p.Index, Extra: p.ExtraData, Bytes: p.Marshal()}
	for _, hash := range p.Hashes {
		a.Hashes = append(a.Hashes, hash[:])
	}
	return a, nil
}

// sign makes a log and two witnesses, one of them post-quantum, and a proof on a checkpoint that all three signed.
func sign(q question) (answer, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, q.Origin)
	if err != nil {
		return answer{}, err
	}
	logSigner, err := note.NewSigner(skey)
	if err != nil {
		return answer{}, err
	}
	witnessKey, witnessVkey, err := note.GenerateKey(rand.Reader, "witness.example/go")
	if err != nil {
		return answer{}, err
	}
	witness, err := cosig.NewSignerForCosignatureV1(witnessKey)
	if err != nil {
		return answer{}, err
	}
	if witnessVkey, err = cosig.VKeyToCosignatureV1(witnessVkey); err != nil {
		return answer{}, err
	}
	quantumKey, quantumVkey, err := cosig.GenerateMLDSAKey("witness.example/quantum")
	if err != nil {
		return answer{}, err
	}
	quantum, err := cosig.NewSignerForCosignatureV1(quantumKey)
	if err != nil {
		return answer{}, err
	}
	body := log.Checkpoint{Origin: q.Origin, Size: q.Size, Hash: q.Hashes[0]}.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(body)}, logSigner, witness, quantum)
	if err != nil {
		return answer{}, err
	}
	p := proof.TLogProof{Index: q.Size - 1, Checkpoint: signed, ExtraData: q.Extra}
	for _, hash := range q.Hashes {
		p.Hashes = append(p.Hashes, [32]byte(hash))
	}
	return answer{Bytes: p.Marshal(), Keys: []string{vkey, witnessVkey, quantumVkey}}, nil
}

func verifiers(keys []string) ([]note.Verifier, error) {
	var known []note.Verifier
	for _, key := range keys {
		v, err := note.NewVerifier(key)
		if err != nil {
			v, err = cosig.NewVerifierForCosignatureV1(key)
		}
		if err != nil {
			return nil, err
		}
		// The second reader does not check the id that the text gives.
		if parts := strings.SplitN(key, "+", 3); fmt.Sprintf("%08x", v.KeyHash()) != parts[1] {
			return nil, errors.New("the id of the key is not that of its text")
		}
		known = append(known, v)
	}
	return known, nil
}

func signatures(sigs []note.Signature) []signature {
	var all []signature
	for _, s := range sigs {
		one := signature{Name: s.Name, ID: fmt.Sprintf("%08x", s.Hash)}
		if at, err := cosig.CoSigV1Timestamp(s); err == nil {
			one.Time = at.Unix()
		}
		all = append(all, one)
	}
	return all
}
