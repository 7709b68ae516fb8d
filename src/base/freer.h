// A deleter for what a C library gives and takes back: std::unique_ptr<BIO, Freer<BIO_free_all>>.
#pragma once

namespace fairlead {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

}  // namespace fairlead
