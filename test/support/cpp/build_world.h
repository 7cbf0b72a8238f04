#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "buildpack/pipeline/world.h"
#include "support/cpp/archives.h"
#include "support/cpp/manual_clock.h"
#include "support/cpp/memory_files.h"
#include "support/cpp/recording_console.h"
#include "support/cpp/scripted_http.h"
#include "support/cpp/scripted_processes.h"

namespace mesh::buildpack {

// Lends the scripted network to a build.
class LentHttp final : public Http {
 public:
  explicit LentHttp(Http& http) : http_(http) {}
  common::Result<HttpResponse> send(const HttpRequest& request, HttpSink& sink) override {
    return http_.send(request, sink);
  }

 private:
  Http& http_;
};

// Fakes for a build on Cedar or Fir, in memory: an app that starts through the integration mesh, of which GitHub
// has one release, v0.1.2.
struct BuildWorld {
  static constexpr const char* kReleases = "https://github.com/heroku/heroku-integration-service-mesh/releases";
  static constexpr const char* kTraceId = "0af7651916cd43dd8448eb211c80319c";
  static constexpr const char* kAsset = "/heroku-integration-service-mesh.tar.gz";

  MemoryFiles files;
  ManualClock clock;
  RecordingConsole console;
  ScriptedHttp http;
  ScriptedProcesses processes;
  Environment environment;
  std::optional<CurlHttpSettings> connected_with;
  bool stopped = false;

  // `variables`: the directory of the config vars.
  BuildWorld(const Path& app, Path variables, Environment surroundings)
      : environment(std::move(surroundings)), variables_(std::move(variables)) {
    files.put_file(app / "Procfile", "web: APP_PORT=3000 heroku-integration-service-mesh npm start\n");
    files.put_file("/etc/ssl/certs/ca-certificates.crt", "-----BEGIN CERTIFICATE-----");
    files.put_file("/buildpack/inventory/service-mesh.json", R"({"format":1,"products":{}})");
    set("HEROKU_INTEGRATION_TOKEN", "token");
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

  // Sets a config var.
  void set(const std::string& name, const std::string& value) { files.put_file(variables_ / name, value); }

  World world() {
    const auto connect = [this](CurlHttpSettings settings) -> std::unique_ptr<Http> {
      connected_with = std::move(settings);
      return std::make_unique<LentHttp>(http);
    };
    return {
        .files = files, .processes = processes, .clock = clock, .console = console, .connect = connect, .stopped = [this] {
          return stopped;
        }};
  }

  // `variables`: the directory of the config vars, if the platform names one.
  BuildContext context(const std::optional<Path>& variables) {
    return {.buildpack_version = "1.0.0",
            .buildpack_directory = "/buildpack",
            .environment = environment,
            .config_vars = ConfigVars(variables, environment, files),
            .trace_id = kTraceId};
  }
  BuildContext context() { return context(variables_); }

 private:
  Path variables_;
};

}  // namespace mesh::buildpack
