package io.equator.coordinator.tables;

import io.equator.model.error.ApiException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Members of the service model that ask for something that Equator does not have. They are refused
 * in plain words: accepting and describing them back would promise what nothing keeps.
 *
 * <p>Differs from DynamoDB on purpose; listed in the documentation of compatibility.
 */
final class Unsupported {
  private static final String POLICIES = "resource-based policies";
  private static final String ACCOUNTS = "global tables of several accounts";
  private static final String STRONG = "strong multi-Region consistency";
  private static final String VECTOR_INDEXES = "vector indexes";

  /** MultiRegionConsistency with the one value that is not supported. */
  static final String STRONG_CONSISTENCY = "MultiRegionConsistency STRONG";

  private static final Map<String, String> FEATURES =
      Map.of(
          "ResourcePolicy",
          POLICIES,
          "GlobalTableSourceArn",
          ACCOUNTS,
          "GlobalTableSettingsReplicationMode",
          ACCOUNTS,
          STRONG_CONSISTENCY,
          STRONG,
          "GlobalTableWitnessUpdates",
          STRONG,
          "VectorIndexes",
          VECTOR_INDEXES,
          "VectorIndexUpdates",
          VECTOR_INDEXES);

  private Unsupported() {}

  static boolean isMember(String member) {
    return FEATURES.containsKey(member);
  }

  /** Refuses the request when it has such a member. */
  static void check(@Nullable String member) {
    if (member != null) {
      throw ApiException.validation(
          Rules.INVALID
              + member
              + " is not supported: Equator does not have "
              + FEATURES.get(member)
              + " yet");
    }
  }
}
