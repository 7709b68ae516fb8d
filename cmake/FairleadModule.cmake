# Flags that all of Fairlead's own code is compiled with.
add_library(fairlead_flags INTERFACE)
target_include_directories(fairlead_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(fairlead_flags INTERFACE -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Wno-missing-field-initializers -fno-omit-frame-pointer)
# GCC 12 takes Asio's coroutine frames for mismatched when it inlines.
target_compile_options(fairlead_flags INTERFACE $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-Wno-mismatched-new-delete>)
target_compile_definitions(fairlead_flags INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_USE_STD_STRING_VIEW FAIRLEAD_VERSION="${PROJECT_VERSION}")

# fairlead_module(NAME [USES MODULES...] [LIBRARIES TARGETS...])
# src/NAME/*.cpp becomes the static library fairlead_NAME; src/NAME/*_test.cpp the test program NAME_test.
function(fairlead_module name)
  cmake_parse_arguments(MODULE "" "" "USES;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(NOT sources)
    return()
  endif()
  add_library(fairlead_${name} STATIC ${sources})
  list(TRANSFORM MODULE_USES PREPEND fairlead_)
  target_link_libraries(fairlead_${name} PUBLIC fairlead_flags ${MODULE_USES} ${MODULE_LIBRARIES})
  if(FAIRLEAD_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE fairlead_${name} GTest::gmock GTest::gtest_main)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS unit)
  endif()
endfunction()

# fairlead_embed_texts(TARGET HEADER TYPE NAME DIRECTORY)
# DIRECTORY/*.yaml become what src/HEADER declares in the namespace of its module: `extern const TYPE NAME_texts[]`, each
# {name of the file, text}, and `extern const std::size_t NAME_count`.
function(fairlead_embed_texts target header type name directory)
  file(GLOB files CONFIGURE_DEPENDS ${directory}/*.yaml)
  set(entries "")
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(stem ${file} NAME_WE)
    file(READ ${file} text)
    string(APPEND entries "    {\"${stem}\", R\"yaml(${text})yaml\"},\n")
  endforeach()
  list(LENGTH files count)
  get_filename_component(module ${header} DIRECTORY)
  set(out ${CMAKE_BINARY_DIR}/generated/${name}_texts.cpp)
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT "// Made by CMake from ${directory}. Do not edit.
#include \"${header}\"

namespace fairlead::${module} {

const ${type} ${name}_texts[] = {
@entries@};
const std::size_t ${name}_count = @count@;

}  // namespace fairlead::${module}
")
  target_sources(${target} PRIVATE ${out})
endfunction()
