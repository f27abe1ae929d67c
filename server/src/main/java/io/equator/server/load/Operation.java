package io.equator.server.load;

/** What one unit of a workload does; the unit that is counted and timed. */
enum Operation {
  /** One GetItem, eventually consistent unless asked otherwise. */
  READ("read", Step.GET),
  /** One UpdateItem that sets one attribute of an existing item. */
  UPDATE("update", Step.UPDATE),
  /** One PutItem over an existing item. */
  PUT("put", Step.PUT),
  /** One PutItem of a key that did not exist. */
  INSERT("insert", Step.INSERT),
  /** One Query of a short range of an item collection. */
  RANGE("range", Step.QUERY),
  /** One GetItem, then one UpdateItem of the same item. */
  READ_MODIFY_WRITE("read-modify-write", Step.GET, Step.UPDATE),
  /** One BatchWriteItem of puts. */
  BATCH_WRITE("batch-write", Step.BATCH_WRITE),
  /** One BatchGetItem. */
  BATCH_GET("batch-get", Step.BATCH_GET),
  /** One TransactWriteItems of puts. */
  TRANSACT_WRITE("transact-write", Step.TRANSACT_WRITE);

  /** One request on the wire. */
  enum Step {
    GET("GetItem"),
    UPDATE("UpdateItem"),
    PUT("PutItem"),
    INSERT("PutItem"),
    QUERY("Query"),
    BATCH_WRITE("BatchWriteItem"),
    BATCH_GET("BatchGetItem"),
    TRANSACT_WRITE("TransactWriteItems");

    private final String target;

    Step(String target) {
      this.target = target;
    }

    String target() {
      return target;
    }
  }

  private final String label;

  @SuppressWarnings("ImmutableEnumChecker") // Nobody changes it.
  private final Step[] steps;

  Operation(String label, Step... steps) {
    this.label = label;
    this.steps = steps;
  }

  String label() {
    return label;
  }

  int stepCount() {
    return steps.length;
  }

  Step step(int index) {
    return steps[index];
  }
}
