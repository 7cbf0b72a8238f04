// Stands in for cmd/lifecycle/extender.go when the lifecycle is built for tests: image extensions, which apply Dockerfiles
// with a builder of container images, are left out. Buildpacks have no part in them.
package main

import (
	"errors"

	"github.com/buildpacks/lifecycle/platform"
)

type extendCmd struct {
	*platform.Platform
}

var errLeftOut = errors.New("this lifecycle was built without image extensions")

func (e *extendCmd) DefineFlags() {}

func (e *extendCmd) Args(int, []string) error { return errLeftOut }

func (e *extendCmd) Privileges() error { return errLeftOut }

func (e *extendCmd) Exec() error { return errLeftOut }
