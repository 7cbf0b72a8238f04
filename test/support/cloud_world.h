#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/digest.h"
#include "build/world.h"
#include "cnb/build.h"
#include "cnb/detect.h"
#include "record/journal.h"
#include "support/archives.h"
#include "support/manual_clock.h"
#include "support/memory_files.h"
#include "support/recording_console.h"
#include "support/scripted_http.h"
#include "support/scripted_processes.h"

namespace mesh {

// Keeps the last state of a record.
class KeptRecord final : public Journal {
 public:
  void begin() override {}
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

// Lends the scripted network to a build.
class LentHttp final : public Http {
 public:
  explicit LentHttp(Http& http) : http_(http) {}
  Result<HttpResponse> get(const HttpRequest& request, HttpSink& sink) override { return http_.get(request, sink); }

 private:
  Http& http_;
};

// Everything around a Cloud Native build, in memory: an app that starts through the integration mesh, of which GitHub has
// one release, v0.1.2; and a mirror with AppLink's, which can be had by its tag and as the latest one.
struct CloudWorld {
  static constexpr const char* kLayers = "/layers/mesh";
  static constexpr const char* kLayer = "/layers/mesh/service-mesh";
  static constexpr const char* kMetadata = "/layers/mesh/service-mesh.toml";
  static constexpr const char* kStore = "/layers/mesh/store.toml";
  static constexpr const char* kReleases = "https://github.com/heroku/heroku-integration-service-mesh/releases";
  static constexpr const char* kAsset = "/heroku-integration-service-mesh.tar.gz";
  static constexpr const char* kMirror = "https://mirror.example";
  static constexpr const char* kRunCheck = "the program that checks";

  MemoryFiles files;
  ManualClock clock;
  RecordingConsole console;
  ScriptedHttp http;
  ScriptedProcesses processes;
  Environment environment{{{"CNB_STACK_ID", "heroku-24"}}};
  KeptRecord record;
  cnb::Inputs inputs{.app = "/workspace",
                     .platform = "/platform",
                     .layers = kLayers,
                     .system = "linux",
                     .architecture = std::string(name(kArchitecture)),
                     .stack = "heroku-24"};
  bool stopped = false;

  CloudWorld() {
    files.put_file("/workspace/Procfile", "web: APP_PORT=3000 heroku-integration-service-mesh npm start\n");
    files.put_file("/etc/ssl/certs/ca-certificates.crt", "-----BEGIN CERTIFICATE-----");
    files.put_directory(kLayers);
    files.put_file("/buildpack/inventory/service-mesh.json", R"({"format":1,"products":{}})");
    files.put_file("/platform/env/HEROKU_INTEGRATION_TOKEN", "token");
    files.put_file("/usr/bin/gpgv", "");
    static_cast<void>(files.set_mode("/usr/bin/gpgv", 0755));
    publish("v0.1.2", archive());
  }

  // Made once: some tests build a hundred times.
  static const std::string& archive() {
    static const std::string kArchive = release_archive(program());
    return kArchive;
  }

  void publish(const std::string& tag, const std::string& content) {
    http.on(std::string(kReleases) + "/latest", redirect_to(std::string(kReleases) + "/tag/" + tag));
    http.on(std::string(kReleases) + "/download/" + tag + kAsset, answer(200, content));
  }

  // Sets a variable of the user's.
  void set(const std::string& name, const std::string& value) { files.put_file("/platform/env/" + name, value); }

  void pin(const std::string& version) { set("HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION", version); }

  // The app wants AppLink's, from the mirror.
  void want_applink() {
    set("HEROKU_SERVICE_MESH_PRODUCT", "applink");
    set("HEROKU_APPLINK_SERVICE_MESH_BASE_URL", kMirror);
  }

  // An OpenPGP signature packet of three bytes (RFC 4880, section 4.2).
  static constexpr std::string_view kSignaturePacket = "\x88\x03\x04\x01s";

  // AppLink's program at the mirror, whose key is told by what gpgv says of it (good_signature).
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

  World world() {
    return {.buildpack_version = "1.0.0",
            .buildpack_directory = "/buildpack",
            .files = files,
            .processes = processes,
            .clock = clock,
            .console = console,
            .environment = environment,
            .connect = [this](const CurlHttpSettings&) -> std::unique_ptr<Http> { return std::make_unique<LentHttp>(http); },
            .stopped = [this] { return stopped; }};
  }

  Result<void> build() {
    World outside = world();
    return cnb::build(inputs, kRunCheck, outside, record);
  }

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

  // What the build leaves beside the layer, and the layer's files, each with what it holds; of a link, where it points.
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

inline std::string digest_of(std::string_view content) {
  Sha256Stream stream;
  stream.add(std::as_bytes(std::span(content)));
  return stream.finish().hex();
}

}  // namespace mesh
