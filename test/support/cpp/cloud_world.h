#pragma once

#include <map>
#include <string>

#include "buildpack/cnb/build.h"
#include "buildpack/cnb/detect.h"
#include "buildpack/record/journal.h"
#include "support/cpp/build_world.h"

namespace mesh::buildpack {

// Keeps the last state of a record.
class KeptRecord final : public Journal {
 public:
  void begin(Duration) override {}
  void save(const BuildRecord& record) override { record_ = record; }

  const BuildRecord& content() const { return record_; }

  // The value of a fact that is a text; "(absent)" where it is not stated.
  std::string text(const std::string& key) const {
    const auto found = record_.facts.find(key);
    return found == record_.facts.end() ? "(absent)" : std::get<std::string>(found->second);
  }

 private:
  BuildRecord record_;
};

// Fakes for a Cloud Native build, with a mirror whose latest release is an AppLink binary.
struct CloudWorld : BuildWorld {
  static constexpr const char* kLayers = "/layers/mesh";
  static constexpr const char* kLayer = "/layers/mesh/service-mesh";
  static constexpr const char* kMetadata = "/layers/mesh/service-mesh.toml";
  static constexpr const char* kStore = "/layers/mesh/store.toml";
  static constexpr const char* kMirror = "https://mirror.example";
  static constexpr const char* kRunCheck = "the program that checks";

  KeptRecord record;
  cnb::Inputs inputs{.app = "/workspace",
                     .platform = "/platform",
                     .layers = kLayers,
                     .system = "linux",
                     .architecture = std::string(name(kArchitecture)),
                     .stack = "heroku-24"};

  CloudWorld() : BuildWorld("/workspace", "/platform/env", Environment{{{"CNB_STACK_ID", "heroku-24"}}}) {
    files.put_directory(kLayers);
    files.put_file("/usr/bin/gpgv", "");
    static_cast<void>(files.set_mode("/usr/bin/gpgv", 0755));
  }

  void pin(const std::string& version) { set("HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION", version); }

  // The app wants AppLink's, from the mirror.
  void want_applink() {
    set("HEROKU_SERVICE_MESH_PRODUCT", "applink");
    set("HEROKU_APPLINK_SERVICE_MESH_BASE_URL", kMirror);
  }

  // An OpenPGP signature packet of three bytes (RFC 4880, section 4.2).
  static constexpr std::string_view kSignaturePacket = "\x88\x03\x04\x01s";

  // Publishes an AppLink binary at the mirror. Its key is the one in gpgv's output (good_signature).
  void publish_applink(const std::string& content, const std::string& validator = "") {
    const std::string address =
        std::string(kMirror) + "/heroku-applink-service-mesh-latest-" + std::string(name(kArchitecture));
    ScriptedAnswer object = answer(200, content);
    if (!validator.empty()) object.headers.emplace_back("ETag", validator);
    http.on(address, object);
    http.on(address + ".asc", answer(200, std::string(kSignaturePacket)));
    http.on(std::string(kMirror) + "/public-key.asc", answer(200, "\x99 key"));
  }

  // gpgv's words for a good signature by this key (GnuPG, doc/DETAILS).
  static ProgramEnd good_signature(const std::string& key) {
    return {.exit_code = 0,
            .output = "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 1111111111111111 Somebody <a@b>\n[GNUPG:] VALIDSIG " +
                      std::string(40, 'C') + " 2025-06-26 1750950000 0 4 0 22 10 00 " + key + "\n"};
  }

  Result<void> build() { return cnb::build(inputs, kRunCheck, context(), world(), record).result; }

  // A build in a new container: what the lifecycle brings from the one before it is the layer with its metadata, which are
  // without their types, and the store.
  void next_container() {
    for (const char* name : {"launch.toml", "service-mesh.sbom.cdx.json", "service-mesh.sbom.spdx.json"}) {
      static_cast<void>(files.remove(Path(kLayers) / name));
    }
    const std::string metadata = files.content(kMetadata);
    files.put_file(kMetadata, metadata.substr(metadata.find("[metadata]")));
    http = {};
    console = {};
  }

  // Returns the files of the layer and the files beside it with their contents; a link with its target.
  std::map<std::string, std::string> left() {
    std::map<std::string, std::string> all;
    for (const std::string& path : files.paths()) {
      if (!path.starts_with("/layers/")) continue;
      const bool is_link = files.kind(path) == FileKind::link;
      all[path.substr(std::string_view("/layers/mesh/").size())] =
          is_link ? "-> " + files.read_link(path)->native() : files.content(path);
    }
    return all;
  }
};

}  // namespace mesh::buildpack
