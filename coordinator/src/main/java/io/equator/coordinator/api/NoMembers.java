package io.equator.coordinator.api;

import io.equator.coordinator.json.RequestReader;

/** A request that has no members; whatever it brings is ignored. */
record NoMembers() {
  static final RequestReader<NoMembers> READER =
      in -> {
        while (in.nextMember()) {
          in.skip();
        }
        return new NoMembers();
      };
}
