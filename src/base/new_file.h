// Files that must not be half there, such as keys.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace fairlead {

// Makes the file with this content, whole or not at all, and never in place of one that is there; it and its name are
// on the disk when this answers. Several processes may try at once: one of them wins. Answers 0, or errno: EEXIST where
// it was there already.
int write_new_file(const std::string& path, std::string_view content, mode_t mode);

// The same in place of what is there, and its owner's as before.
int replace_file(const std::string& path, std::string_view content, mode_t mode);

// Takes away what those who were killed in the middle of either have left beside the path, PATH.DIGITS.draft; not what
// somebody writes at this moment.
void remove_drafts(const std::string& path);

// A new name in it survives a power cut from then on. Best effort.
void sync_directory(const std::string& path);

}  // namespace fairlead
