// Verifies a verification summary as slsa-verifier's verify-vsa does:
// attestation, public key, digest, verifier, resource, level.
package main

import (
	"context"
	"crypto"
	"fmt"
	"os"

	"github.com/sigstore/sigstore/pkg/cryptoutils"
	"github.com/slsa-framework/slsa-verifier/v2/options"
	"github.com/slsa-framework/slsa-verifier/v2/verifiers"
)

func verify(args []string) error {
	attestation, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	pem, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	key, err := cryptoutils.UnmarshalPEMToPublicKey(pem)
	if err != nil {
		return err
	}
	id := ""
	vsa := &options.VSAOpts{
		ExpectedDigests:        &[]string{args[2]},
		ExpectedVerifierID:     &args[3],
		ExpectedResourceURI:    &args[4],
		ExpectedVerifiedLevels: &[]string{args[5]},
	}
	how := &options.VerificationOpts{PublicKey: key, PublicKeyID: &id, PublicKeyHashAlgo: crypto.SHA256}
	_, err = verifiers.VerifyVSA(context.Background(), attestation, vsa, how)
	return err
}

func main() {
	if err := verify(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("PASSED")
}
