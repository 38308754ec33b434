// What a report holds of each namespace and of the host, read by the sources wherever it has the
// kernel's own files, and by parsers of what commands print where it has not.
#pragma once

#include <vector>

#include "offline/contents.h"
#include "offline/places.h"
#include "sources/source.h"

namespace offline {

// Puts the kernel's files in the place of what commands print of them, where the report lacks those
// files themselves.
void complete_files(const std::vector<Place>& places, Contents& contents);

// Of one namespace. Blind spots are told without the namespace's name; see `fold`.
void look_at(const Contents& contents, const Place& place, sources::Look& look);

// Of the whole host. `look` holds what was found in the namespaces.
void look_at_host(const Contents& contents, const Place& own, sources::Look& look);

}  // namespace offline
