// A vault over Microsoft's own server double of Key Vault: requests are read, and answers written, by the code and the
// types of its SDK; keys and signatures are Go's. As Key Vault it answers with a challenge where a token is missing.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azfake "github.com/Azure/azure-sdk-for-go/sdk/azcore/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys/fake"
)

type version struct {
	id   string
	kind azkeys.CurveName
	key  *ecdsa.PrivateKey
}

func main() {
	token := os.Args[1]
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	base := fmt.Sprintf("http://%s", listener.Addr())
	keys := map[string][]version{}
	add := func(name string, kind azkeys.CurveName) version {
		curve := map[azkeys.CurveName]elliptic.Curve{azkeys.CurveNameP256: elliptic.P256(), azkeys.CurveNameP384: elliptic.P384()}[kind]
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			log.Fatal(err)
		}
		id := make([]byte, 16)
		_, _ = rand.Read(id)
		made := version{hex.EncodeToString(id), kind, key}
		keys[name] = append(keys[name], made)
		return made
	}
	// The double takes name and version for one name, since its pattern lets a name have slashes.
	split := func(name, id string) (string, string) {
		if before, after, found := strings.Cut(name, "/"); found && id == "" {
			return before, after
		}
		return name, id
	}
	find := func(name, id string) *version {
		for i := len(keys[name]) - 1; i >= 0; i-- {
			if id == "" || keys[name][i].id == id {
				return &keys[name][i]
			}
		}
		return nil
	}
	kid := func(name, id string) *azkeys.ID {
		return to.Ptr(azkeys.ID(fmt.Sprintf("%s/keys/%s/%s", base, name, id)))
	}
	bundle := func(name string, held version) azkeys.KeyBundle {
		size := (held.key.Curve.Params().BitSize + 7) / 8
		return azkeys.KeyBundle{
			Key: &azkeys.JSONWebKey{
				KID: kid(name, held.id), Kty: to.Ptr(azkeys.KeyTypeEC), Crv: to.Ptr(held.kind),
				KeyOps: []*azkeys.KeyOperation{to.Ptr(azkeys.KeyOperationSign), to.Ptr(azkeys.KeyOperationVerify)},
				X:      held.key.X.FillBytes(make([]byte, size)), Y: held.key.Y.FillBytes(make([]byte, size)),
			},
			Attributes: &azkeys.KeyAttributes{Enabled: to.Ptr(true)},
		}
	}
	server := fake.Server{
		CreateKey: func(_ context.Context, name string, given azkeys.CreateKeyParameters, _ *azkeys.CreateKeyOptions) (answer azfake.Responder[azkeys.CreateKeyResponse], fault azfake.ErrorResponder) {
			answer.SetResponse(http.StatusOK, azkeys.CreateKeyResponse{KeyBundle: bundle(name, add(name, *given.Curve))}, nil)
			return
		},
		GetKey: func(_ context.Context, name, id string, _ *azkeys.GetKeyOptions) (answer azfake.Responder[azkeys.GetKeyResponse], fault azfake.ErrorResponder) {
			name, id = split(name, id)
			if held := find(name, id); held != nil {
				answer.SetResponse(http.StatusOK, azkeys.GetKeyResponse{KeyBundle: bundle(name, *held)}, nil)
			} else {
				fault.SetResponseError(http.StatusNotFound, "KeyNotFound")
			}
			return
		},
		Sign: func(_ context.Context, name, id string, given azkeys.SignParameters, _ *azkeys.SignOptions) (answer azfake.Responder[azkeys.SignResponse], fault azfake.ErrorResponder) {
			name, id = split(name, id)
			held := find(name, id)
			if held == nil || *given.Algorithm != azkeys.SignatureAlgorithmES256 || len(given.Value) != 32 {
				fault.SetResponseError(http.StatusBadRequest, "BadParameter")
				return
			}
			r, s, err := ecdsa.Sign(rand.Reader, held.key, given.Value)
			if err != nil {
				log.Fatal(err)
			}
			raw := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
			result := azkeys.KeyOperationResult{KID: kid(name, held.id), Result: raw}
			answer.SetResponse(http.StatusOK, azkeys.SignResponse{KeyOperationResult: result}, nil)
			return
		},
	}
	transport := fake.NewServerTransport(&server)
	fmt.Println(base)
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token || r.URL.Query().Get("api-version") == "" {
			w.Header().Set("WWW-Authenticate", `Bearer authorization="https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555", resource="https://vault.azure.net"`)
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":{"code":"Unauthorized","message":"no token"}}`)
			return
		}
		// The SDK's client would say which of its methods asks.
		method := "Client.GetKey"
		if strings.HasSuffix(r.URL.Path, "/sign") {
			method = "Client.Sign"
		} else if strings.HasSuffix(r.URL.Path, "/create") {
			method = "Client.CreateKey"
		}
		given := r.Clone(context.WithValue(r.Context(), runtime.CtxAPINameKey{}, method))
		given.URL.Host = r.Host
		reply, err := transport.Do(given)
		w.Header().Set("Content-Type", "application/json")
		var refusal *azcore.ResponseError
		if errors.As(err, &refusal) {
			w.WriteHeader(refusal.StatusCode)
			_, _ = fmt.Fprintf(w, `{"error":{"code":%q,"message":"no"}}`, refusal.ErrorCode)
			return
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			log.Println(err)
			return
		}
		defer reply.Body.Close()
		w.WriteHeader(reply.StatusCode)
		_, _ = io.Copy(w, reply.Body)
	})))
}
