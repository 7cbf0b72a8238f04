#include "install/download.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace mesh {
namespace {

using std::chrono::seconds;

constexpr seconds kProgressInterval{5};

// What the first bytes of something that is no gzip file look like, in words: never the bytes themselves.
std::string_view describe(std::string_view head) {
  const std::string_view start = text::trim(head);
  if (start.empty()) return "an empty file";
  const std::string lower = text::lower(start);
  if (lower.starts_with("<?xml") || lower.starts_with("<error")) return "an XML document";
  if (lower.starts_with("<")) return "an HTML page";
  if (start.front() == '{' || start.front() == '[') return "a JSON document";
  if (start.starts_with("\x7f"
                        "ELF"))
    return "a program that is not packed";
  if (start.starts_with("PK")) return "a ZIP archive";
  return "something that is not gzip";
}

std::optional<std::uint64_t> content_length(const HttpResponse& response) {
  const auto value = response.header("Content-Length");
  std::uint64_t length = 0;
  if (!value) return std::nullopt;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), length);
  if (error != std::errc()) return std::nullopt;
  return length;
}

// One asset on its way to the disk.
class AssetReceiver final : public Receiver {
 public:
  AssetReceiver(ArrivingFile& file, Clock& clock, Console& console, const ArchiveLimits& limits, DownloadEffort& effort)
      : file_(file), clock_(clock), console_(console), limits_(limits), effort_(effort), last_word_(clock.now()) {}

  Result<void> start(const HttpResponse& response) override {
    expected_ = content_length(response);
    if (expected_.value_or(0) > limits_.packed_bytes) return too_large(*expected_);
    head_.clear();
    sha256_ = Sha256Stream();
    return file_.size() == 0 ? Result<void>() : file_.restart();
  }

  Result<void> receive(std::span<const std::byte> bytes) override {
    effort_.bytes += bytes.size();
    if (file_.size() + bytes.size() > limits_.packed_bytes) return too_large(file_.size() + bytes.size());
    TRY(look_at_head(bytes));
    sha256_.add(bytes);
    return file_.append(bytes);
  }

  void tick() override {
    if (clock_.now() - last_word_ < kProgressInterval) return;
    last_word_ = clock_.now();
    const std::string total = expected_ ? fmt::format(" of {}", text::human_bytes(*expected_)) : "";
    console_.detail(fmt::format("... {}{} so far", text::human_bytes(file_.size()), total));
  }

  Result<Sha256> finish() {
    if (head_.size() < kMagic.size()) return not_an_archive();
    return sha256_.finish();
  }

 private:
  static constexpr std::string_view kMagic = "\x1f\x8b";  // RFC 1952, section 2.3.1
  static constexpr std::size_t kHeadBytes = 64;

  // Ends the transfer at the first bytes when they cannot be the archive's, so that an error page is named as such.
  Result<void> look_at_head(std::span<const std::byte> bytes) {
    if (head_.size() < kHeadBytes) {
      const auto part = bytes.first(std::min(bytes.size(), kHeadBytes - head_.size()));
      head_.append(reinterpret_cast<const char*>(part.data()), part.size());
    }
    if (head_.size() >= kMagic.size() && !head_.starts_with(kMagic)) return not_an_archive();
    return {};
  }

  Failure not_an_archive() const {
    return {Reason::download_not_an_archive, fmt::format("The server sent {}.", describe(head_))};
  }

  Failure too_large(std::uint64_t bytes) const {
    return {Reason::download_too_large, fmt::format("{} or more", text::human_bytes(bytes))};
  }

  ArrivingFile& file_;
  Clock& clock_;
  Console& console_;
  const ArchiveLimits& limits_;
  DownloadEffort& effort_;
  Moment last_word_;
  std::optional<std::uint64_t> expected_;
  std::string head_;
  Sha256Stream sha256_;
};

bool is_missing(const Reply& reply) { return reply.status == 404 || reply.status == 410; }

Failure refusal(const Reply& reply) {
  return {reply.status >= 500 ? Reason::download_server_error : Reason::download_refused,
          fmt::format("{} answered {}", reply.url.redacted(), reply.status)};
}

}  // namespace

Download::Download(const Transport& transport, Clock& clock, Console& console, const ArchiveLimits& limits)
    : transport_(transport), clock_(clock), console_(console), limits_(limits) {}

Result<std::optional<Downloaded>> Download::run(const Plan& plan, ArrivingFile& file) {
  AssetReceiver receiver(file, clock_, console_, limits_, effort_);
  for (const Artifact& artifact : plan.candidates) {
    TRY_ASSIGN(const Reply reply, transport_.download(artifact.url, receiver, effort_.attempts));
    if (is_missing(reply)) continue;
    if (reply.status / 100 != 2) return refusal(reply);
    TRY_ASSIGN(const Sha256 sha256, receiver.finish());
    file.complete();
    return std::optional(Downloaded{artifact, reply.url.host(), file.size(), sha256});
  }
  return std::optional<Downloaded>();
}

}  // namespace mesh
