// Restricts name lookups in a static binary to the sources that are linked in.
//
// glibc resolves names through the sources that /etc/nsswitch.conf lists. A static program has "files" and "dns"
// built in and loads any other source (mdns4_minimal, resolve, myhostname ...) from the system it runs on, whose
// C library is another one: it fails with an assertion or SIGFPE. This pins every database before main(), so that the
// configuration file has no effect. It costs 64 bytes.
//
// Linked as an object, not from an archive, because the linker would omit a constructor without references.
#include <nss.h>

#include <initializer_list>

namespace {

[[gnu::constructor]] void pin_name_services() {
  __nss_configure_lookup("hosts", "files dns");
  for (const char* database : {"networks", "protocols", "services", "passwd", "group"}) {
    __nss_configure_lookup(database, "files");
  }
}

}  // namespace
