package io.equator.chaos.work;

import java.util.List;
import java.util.SplittableRandom;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** One kind of work, done by several clients at once. */
public interface Work {

  /** Its name in the summary. */
  String name();

  /** How many clients do it. */
  int clients();

  /** Makes its tables; the cluster is well. */
  void prepare(DynamoDbClient database);

  /** One operation, or a few that belong together, by a client with a number from 0. */
  void step(DynamoDbClient database, int client, SplittableRandom random);

  /**
   * Judges everything that was seen, after all work has ended and the cluster is well.
   *
   * @return what is wrong, in words
   */
  List<String> judge(DynamoDbClient database) throws Exception;
}
