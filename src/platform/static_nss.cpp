// Name lookups in a static program: only what the program brings itself.
//
// glibc resolves names through the sources that /etc/nsswitch.conf lists. A static program has "files" and "dns"
// built in and loads any other source (mdns4_minimal, resolve, myhostname ...) from the system it runs on, whose
// C library is another one: that ends in an assertion or SIGFPE. So every database is pinned before main(), and what
// the configuration file says counts no more. The cost is 64 bytes.
//
// Linked as an object, not from an archive: nothing refers to a constructor, and the linker would leave it out.
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
