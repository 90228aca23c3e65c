set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2")

find_program(CCACHE ccache)
if(CCACHE)
  # Sloppiness: without it ccache never hits behind a precompiled header. Base folder: build folders
  # and clones share what they compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=true ${CCACHE})
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
  # Folds what templates made twice: half a megabyte less resident.
  add_link_options($<$<CONFIG:Release>:-Wl,--gc-sections,--icf=safe>)
endif()

add_compile_options(
  $<$<COMPILE_LANGUAGE:CXX>:-Wall> $<$<COMPILE_LANGUAGE:CXX>:-Wextra>
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wshadow=local> $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
# g++ 12 takes a moved std::variant or std::optional for uninitialized once it inlines (-O1, -O2).
add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
if(TROUPE_SANITIZE)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "The sanitized build and its fuzz targets need clang (the preset asan names it).")
  endif()
  # Without optimization: compiling is half of what the tests take.
  set(CMAKE_CXX_FLAGS_DEBUG "-O0 -gline-tables-only -fno-omit-frame-pointer")
  add_compile_options(-fsanitize=address $<$<COMPILE_LANGUAGE:ASM>:-Wno-unused-command-line-argument>)
  add_link_options(-fsanitize=address)
endif()

# Beast files take about a gigabyte each to compile; one at a time beside whatever else is built.
set_property(GLOBAL PROPERTY JOB_POOLS heavy=1)
