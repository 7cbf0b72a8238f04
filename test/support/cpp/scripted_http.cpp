#include "support/cpp/scripted_http.h"

namespace mesh {

ScriptedAnswer answer(int status, std::string body) { return {.status = status, .body = std::move(body)}; }

ScriptedAnswer redirect_to(std::string location) { return {.status = 302, .headers = {{"Location", std::move(location)}}}; }

ScriptedAnswer failing(ErrorKind reason, std::string partial_body) {
  return {.body = std::move(partial_body), .failure = Error{reason, "scripted"}};
}

void ScriptedHttp::on(std::string_view url, ScriptedAnswer scripted) {
  script_[std::string(url)].push_back(std::move(scripted));
}

std::vector<std::string> ScriptedHttp::addresses() const {
  std::vector<std::string> addresses;
  for (const HttpRequest& request : requests_) addresses.push_back(request.url.text());
  return addresses;
}

ScriptedAnswer ScriptedHttp::take_turn(const HttpRequest& request) {
  const std::lock_guard lock(*mutex_);
  requests_.push_back(request);
  return next(request.url.text());
}

ScriptedAnswer ScriptedHttp::next(const std::string& url) {
  const auto found = script_.find(url);
  if (found == script_.end()) return answer(404, "no such page");
  ScriptedAnswer scripted = found->second.front();
  if (found->second.size() > 1) found->second.pop_front();
  return scripted;
}

Result<HttpResponse> ScriptedHttp::send(const HttpRequest& request, HttpSink& sink) {
  const ScriptedAnswer scripted = take_turn(request);
  if (scripted.before) scripted.before();
  if (scripted.failure && scripted.body.empty()) return *scripted.failure;

  HttpResponse response{scripted.status, scripted.headers};
  TRY(sink.begin(response));
  constexpr std::size_t kPiece = 10'000;  // several calls for a large body, as from a network
  for (std::size_t sent = 0; sent < scripted.body.size(); sent += kPiece) {
    TRY(sink.body(std::as_bytes(std::span(scripted.body)).subspan(sent, std::min(kPiece, scripted.body.size() - sent))));
    TRY(sink.tick());
  }
  if (scripted.failure) return *scripted.failure;
  return response;
}

}  // namespace mesh
