#include "buildpack/base/failure.h"

#include <array>
#include <cstddef>
#include <utility>

namespace mesh::buildpack {
namespace {

struct Row {
  ErrorKind kind;
  Reason reason;
};

constexpr std::array kReasons = {
    Row{ErrorKind::defect, Reason::internal_error_unhandled},
    Row{ErrorKind::out_of_resources, Reason::platform_out_of_resources},
    Row{ErrorKind::cancelled, Reason::build_interrupted},
    Row{ErrorKind::no_space, Reason::install_disk_full},
    Row{ErrorKind::permission_denied, Reason::install_permission},
    Row{ErrorKind::path_conflict, Reason::install_path_conflict},
    Row{ErrorKind::io, Reason::install_io_error},
    Row{ErrorKind::no_trust_roots, Reason::platform_no_ca_bundle},
    Row{ErrorKind::dns, Reason::network_dns},
    Row{ErrorKind::offline, Reason::network_offline},
    Row{ErrorKind::connect, Reason::network_connect},
    Row{ErrorKind::timeout, Reason::network_timeout},
    Row{ErrorKind::stalled, Reason::network_stalled},
    Row{ErrorKind::reset, Reason::network_reset},
    Row{ErrorKind::tls, Reason::network_tls},
    Row{ErrorKind::certificate, Reason::network_certificate},
    Row{ErrorKind::proxy, Reason::network_proxy},
    Row{ErrorKind::protocol, Reason::network_protocol},
    Row{ErrorKind::truncated, Reason::download_truncated},
};

constexpr bool table_is_complete() {
  if (kReasons.size() != kErrorKindCount) return false;
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    if (static_cast<std::size_t>(kReasons[i].kind) != i) return false;
  }
  return true;
}
static_assert(table_is_complete(), "every ErrorKind has one row, in the order of the enumeration");

}  // namespace

Failure::Failure(Reason the_reason, std::string the_detail) : reason(the_reason), detail(std::move(the_detail)) {}

Failure::Failure(Error error)
    : reason(kReasons[static_cast<std::size_t>(error.kind)].reason), detail(std::move(error.detail)) {}

}  // namespace mesh::buildpack
