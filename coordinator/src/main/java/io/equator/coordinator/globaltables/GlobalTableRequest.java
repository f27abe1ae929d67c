package io.equator.coordinator.globaltables;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.TextPattern;
import io.equator.coordinator.json.WireReader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The requests of version 2017.11.29 but the settings: each names a global table and has some of
 * these members.
 *
 * @param regions of ReplicationGroup; an element without a name is an empty string
 * @param updates of ReplicaUpdates
 */
record GlobalTableRequest(
    @Nullable String name,
    @Nullable List<String> regions,
    @Nullable List<Update> updates,
    @Nullable String exclusiveStart,
    @Nullable Integer limit,
    @Nullable String regionName) {

  /** {@code ReplicaUpdate}: one of its members should be there. */
  record Update(@Nullable String create, @Nullable String delete) {
    static Update read(WireReader in) {
      String create = null;
      String delete = null;
      in.beginStruct("ReplicaUpdate");
      while (in.nextMember()) {
        switch (in.member()) {
          case "Create" -> create = region(in, "CreateReplicaAction");
          case "Delete" -> delete = region(in, "DeleteReplicaAction");
          default -> in.skip();
        }
      }
      return new Update(create, delete);
    }
  }

  private static String region(WireReader in, String shape) {
    String region = "";
    in.beginStruct(shape);
    while (in.nextMember()) {
      if (in.member().equals("RegionName")) {
        region = in.string();
      } else {
        in.skip();
      }
    }
    return region;
  }

  static GlobalTableRequest read(WireReader in) {
    String name = null;
    List<String> regions = null;
    List<Update> updates = null;
    String exclusiveStart = null;
    Integer limit = null;
    String regionName = null;
    while (in.nextMember()) {
      switch (in.member()) {
        case "GlobalTableName" -> name = in.string();
        case "ReplicationGroup" -> regions = list(in, element -> region(element, "Replica"));
        case "ReplicaUpdates" -> updates = list(in, Update::read);
        case "ExclusiveStartGlobalTableName" -> exclusiveStart = in.string();
        case "Limit" -> limit = in.integer();
        case "RegionName" -> regionName = in.string();
        default -> in.skip();
      }
    }
    return new GlobalTableRequest(name, regions, updates, exclusiveStart, limit, regionName);
  }

  static <T> List<T> list(WireReader in, Function<WireReader, T> element) {
    List<T> list = new ArrayList<>();
    in.beginList();
    while (in.nextElement()) {
      list.add(element.apply(in));
    }
    return list;
  }

  /** Complains about a name that cannot be one. */
  static void checkName(Constraints constraints, String member, @Nullable String name) {
    constraints.pattern(member, name, TextPattern.NAME);
    constraints.length(member, name, 3, 255);
  }
}
