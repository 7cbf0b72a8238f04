"""Makes the provenance statement: in-toto (in-toto/attestation, spec/v1) with SLSA's predicate (slsa.dev/provenance/v1).

It names no machine and no time, so that the same commit gives the same statement. It is not signed.
"""

from __future__ import annotations

import json

import licenses


def statement(subjects: dict[str, str], homepage: str, version: str, commit: str, builds: dict[str, dict]) -> bytes:
    """Returns the statement. `subjects` maps file names to digests, `builds` architectures to their build/<preset>/provenance.json."""
    return (json.dumps({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(subjects.items())],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": f"{homepage}#script/package",
                "externalParameters": {"source": f"git+{homepage}", "version": version},
                "internalParameters": {"compilers": {arch: build["compiler"] for arch, build in sorted(builds.items())}},
                "resolvedDependencies": [
                    {"name": "source", "uri": f"git+{homepage}", "digest": {"gitCommit": commit}},
                    *_sources(builds),
                ],
            },
            "runDetails": {"builder": {"id": f"{homepage}#script/package"}},
        },
    }, indent=2) + "\n").encode()  # fmt: skip


def _sources(builds: dict[str, dict]) -> list[dict]:
    """Returns each source file of each library once, with the architectures that it was used for."""
    found: dict[tuple[str, str], dict] = {}
    for arch, build in sorted(builds.items()):
        for dependency in build["dependencies"]:
            for name, digest in sorted(dependency["files"].items()):
                about = {"library": dependency["name"], "version": dependency["revision"] or dependency["version"],
                         "from": dependency["from"], "license": licenses.LIBRARIES[dependency["name"]].license, "architectures": []}  # fmt: skip
                entry = found.setdefault((name, digest), {"name": name, "digest": {"sha256": digest}, "annotations": about})
                entry["annotations"]["architectures"].append(arch)
    return [found[key] for key in sorted(found)]
