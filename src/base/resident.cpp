#include "base/resident.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace fairlead {

void give_back_startup_pages() {
  bool is_program = true;  // which comes first
  dl_iterate_phdr(
      [](dl_phdr_info* object, std::size_t, void* first) {
        const bool own = std::exchange(*static_cast<bool*>(first), false);
        const std::uintptr_t page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        for (int i = 0; i < object->dlpi_phnum; ++i) {
          const auto& segment = object->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) || (!own && (segment.p_flags & PF_X))) continue;
          const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
          const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
          ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
        }
        return 0;
      },
      &is_program);
}

}  // namespace fairlead
