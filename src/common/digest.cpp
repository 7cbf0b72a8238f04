#include "common/digest.h"

#include <openssl/evp.h>

#include <new>

#include "common/text.h"

namespace mesh {
inline namespace common {
std::optional<Sha256> Sha256::parse(std::string_view s) {
  constexpr std::string_view kPrefix = "sha256:";
  if (s.starts_with(kPrefix)) s.remove_prefix(kPrefix.size());
  if (s.size() != 2 * kSize) return std::nullopt;
  std::array<std::uint8_t, kSize> bytes{};
  for (std::size_t i = 0; i < kSize; ++i) {
    const auto high = text::hex_value(s[2 * i]);
    const auto low = text::hex_value(s[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return Sha256(bytes);
}

std::string Sha256::hex() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string result;
  result.reserve(2 * kSize);
  for (const std::uint8_t byte : bytes_) {
    result += kDigits[byte >> 4];
    result += kDigits[byte & 0x0F];
  }
  return result;
}

struct Sha256Stream::Context {
  EVP_MD_CTX* handle = EVP_MD_CTX_new();

  Context() {
    if (handle == nullptr || EVP_DigestInit_ex(handle, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  }
  ~Context() { EVP_MD_CTX_free(handle); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

Sha256Stream::Sha256Stream() : context_(std::make_unique<Context>()) {}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::add(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(context_->handle, bytes.data(), bytes.size());  // fails only for other algorithms
}

Sha256 Sha256Stream::finish() {
  std::array<std::uint8_t, Sha256::kSize> bytes{};
  EVP_DigestFinal_ex(context_->handle, bytes.data(), nullptr);
  return Sha256(bytes);
}

}  // namespace common
}  // namespace mesh
