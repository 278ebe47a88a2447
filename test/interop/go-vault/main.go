// The transit engine of HashiCorp Vault, as it is, over HTTP: keys, versions and signatures are its own, and so are the
// answers and their status; tokens are what Vault's core would look after.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/hashicorp/vault/builtin/logical/transit"
	"github.com/hashicorp/vault/sdk/logical"
)

const prefix = "/v1/transit/"

func main() {
	root, signer := os.Args[1], os.Args[2]
	config := logical.TestBackendConfig()
	config.StorageView = &logical.InmemStorage{}
	engine, err := transit.Factory(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, found := strings.CutPrefix(r.URL.Path, prefix)
		token := r.Header.Get("X-Vault-Token")
		reads := r.Method == http.MethodGet && strings.HasPrefix(path, "keys/")
		may := token == root || token == signer && (reads || strings.HasPrefix(path, "sign/"))
		if !found || !may {
			answer(w, http.StatusForbidden, map[string]any{"errors": []string{"permission denied"}})
			return
		}
		request := &logical.Request{Operation: logical.UpdateOperation, Path: path, Storage: config.StorageView}
		if r.Method == http.MethodGet {
			request.Operation = logical.ReadOperation
		} else if err := json.NewDecoder(r.Body).Decode(&request.Data); err != nil {
			answer(w, http.StatusBadRequest, map[string]any{"errors": []string{err.Error()}})
			return
		}
		response, err := engine.HandleRequest(r.Context(), request)
		status, err := logical.RespondErrorCommon(request, response, err)
		if err != nil || status >= 400 {
			logical.AdjustErrorStatusCode(&status, err)
			said := []string{}
			if err != nil {
				said = append(said, err.Error())
			}
			answer(w, status, map[string]any{"errors": said})
			return
		}
		if response == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		answer(w, http.StatusOK, map[string]any{"request_id": "interop", "data": response.Data})
	})))
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
