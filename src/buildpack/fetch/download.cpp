#include "buildpack/fetch/download.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "buildpack/fetch/content.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

using std::chrono::seconds;

constexpr seconds kProgressInterval{5};

constexpr std::string_view kGzipMagic = "\x1f\x8b";  // RFC 1952, section 2.3.1
constexpr std::string_view kElfMagic =
    "\x7f"
    "ELF";  // System V ABI, "ELF Identification"

std::optional<std::uint64_t> content_length(const HttpResponse& response) {
  const auto value = response.header("Content-Length");
  std::uint64_t length = 0;
  if (!value) return std::nullopt;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), length);
  if (error != std::errc()) return std::nullopt;
  return length;
}

// Writes one asset to the disk while it is downloaded.
class AssetReceiver final : public Receiver {
 public:
  AssetReceiver(ArrivingFile& file, Clock& clock, Console& console, const ArchiveLimits& limits, Packaging packaging,
                DownloadEffort& effort, std::function<void(std::optional<std::uint64_t>)> begins)
      : file_(file),
        clock_(clock),
        console_(console),
        packaging_(packaging),
        magic_(packaging == Packaging::archive ? kGzipMagic : kElfMagic),
        max_bytes_(packaging == Packaging::archive ? limits.packed_bytes : limits.unpacked_bytes),
        effort_(effort),
        begins_(std::move(begins)),
        last_progress_(clock.now()) {}

  void attempt() override { ++effort_.attempts; }

  Result<void> start(const HttpResponse& response) override {
    expected_ = content_length(response);
    if (expected_.value_or(0) > max_bytes_) return too_large(*expected_);
    head_.clear();
    sha256_ = Sha256Stream();
    // A restart is necessary even if the file is still empty: readers must not treat the new content as the previous one's.
    const bool is_first = !std::exchange(has_begun_, true);
    if (!is_first || file_.size() != 0) TRY(file_.restart());
    begins_(expected_);
    return {};
  }

  Result<void> resume(const HttpResponse& response) override {
    expected_ = content_length(response);
    if (expected_) *expected_ += file_.size();
    console_.detail(fmt::format("Resuming after {}", text::human_bytes(file_.size())));
    return {};
  }

  std::uint64_t received() const override { return file_.size(); }

  Result<void> receive(std::span<const std::byte> bytes) override {
    effort_.bytes += bytes.size();
    if (file_.size() + bytes.size() > max_bytes_) return too_large(file_.size() + bytes.size());
    TRY(check_head(bytes));
    sha256_.add(bytes);
    return file_.append(bytes);
  }

  void tick() override {
    if (clock_.now() - last_progress_ < kProgressInterval) return;
    last_progress_ = clock_.now();
    const std::string total = expected_ ? fmt::format(" of {}", text::human_bytes(*expected_)) : "";
    console_.detail(fmt::format("... {}{} so far", text::human_bytes(file_.size()), total));
  }

  Result<void> end() override {
    if (head_.size() < magic_.size()) return unexpected_content();
    return {};
  }

  Sha256 digest() { return sha256_.finish(); }

 private:
  static constexpr std::size_t kHeadBytes = 64;

  // Fails at the first bytes if they are not those of a release, so that the failure names an error page as such.
  Result<void> check_head(std::span<const std::byte> bytes) {
    if (head_.size() < kHeadBytes) {
      const auto part = bytes.first(std::min(bytes.size(), kHeadBytes - head_.size()));
      head_.append(reinterpret_cast<const char*>(part.data()), part.size());
    }
    if (head_.size() >= magic_.size() && !head_.starts_with(magic_)) return unexpected_content();
    return {};
  }

  Failure unexpected_content() const {
    const bool is_archive = packaging_ == Packaging::archive;
    return {is_archive ? Reason::download_not_an_archive : Reason::download_not_a_binary,
            fmt::format("The server sent {}.", describe_content(head_).value_or("an unknown format"))};
  }

  Failure too_large(std::uint64_t bytes) const {
    return {Reason::download_too_large, fmt::format("{} or more", text::human_bytes(bytes))};
  }

  ArrivingFile& file_;
  Clock& clock_;
  Console& console_;
  Packaging packaging_;
  std::string_view magic_;
  std::uint64_t max_bytes_;
  DownloadEffort& effort_;
  std::function<void(std::optional<std::uint64_t>)> begins_;
  Moment last_progress_;
  bool has_begun_ = false;
  std::optional<std::uint64_t> expected_;
  std::string head_;
  Sha256Stream sha256_;
};

}  // namespace

Download::Download(const Transport& transport, Clock& clock, Console& console, const ArchiveLimits& limits,
                   Packaging packaging)
    : transport_(transport), clock_(clock), console_(console), limits_(limits), packaging_(packaging) {}

Result<Arrived> Download::run(const Plan& plan, Source& source, const std::string& validator, ArrivingFile& file,
                              const Beginning& begins) {
  std::optional<Artifact> artifact;
  AssetReceiver receiver(file, clock_, console_, limits_, packaging_, effort_,
                         [&](auto bytes) { begins(*artifact, bytes); });
  for (std::size_t i = 0; i < plan.candidates.size(); ++i) {
    artifact = plan.candidates[i];
    while (artifact) {
      std::vector<std::string> headers = artifact->headers;
      const bool is_known = i == 0 && !validator.empty();
      if (is_known) headers.push_back("If-None-Match: " + validator);
      TRY_ASSIGN(const Reply reply, transport_.download(artifact->url, std::move(headers), receiver));
      if (reply.status == 304 && is_known) return Arrived(Unchanged());
      if (reply.status / 100 == 2) {
        const Sha256 sha256 = receiver.digest();
        file.complete();
        return Arrived(Downloaded{*std::move(artifact), reply.url.host(), file.size(), sha256,
                                  reply.response.header("ETag").value_or("")});
      }
      TRY_ASSIGN(artifact, source.on_error_reply(*artifact, reply));
    }
  }
  return Arrived(NotFound());
}

}  // namespace mesh::buildpack
