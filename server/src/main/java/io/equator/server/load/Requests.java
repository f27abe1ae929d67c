package io.equator.server.load;

import io.equator.server.RequestSigner;
import io.equator.server.load.Operation.Step;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

/**
 * Makes the requests of one thread: a {@link Template} for each kind, filled in for each use.
 *
 * <p>Record {@code n} is the item {@code user<n>} of a table without a sort key. In a table with
 * one, {@value LoadPlan#COLLECTION_ITEMS} neighbours share a partition key: record {@code n} is
 * {@code user<n / 100>}, {@code item<n % 100>}.
 */
final class Requests {

  private static final String DIGITS = "#".repeat(12);
  private static final String SORT_DIGITS = "#".repeat(4);
  private static final String LETTERS = "~".repeat(8);

  private final LoadPlan plan;
  private final RequestSigner signer;
  private final SplittableRandom random;
  private final KeyChooser keys;
  private final AtomicLong nextNewRecord;
  private final Map<Step, Template> templates = new EnumMap<>(Step.class);

  /**
   * @param random of this thread alone
   * @param nextNewRecord shared by all threads: what INSERT inserts next
   */
  Requests(LoadPlan plan, KeyChooser keys, SplittableRandom random, AtomicLong nextNewRecord) {
    this.plan = plan;
    this.signer = plan.endpoint().signers().get();
    this.random = random;
    this.keys = keys;
    this.nextNewRecord = nextNewRecord;
    for (Step step : Step.values()) {
      templates.put(step, new Template(plan.endpoint().hostHeader(), step, body(step)));
    }
  }

  Operation nextOperation() {
    return plan.workload().next(random);
  }

  /** The record that an operation is about. */
  long nextRecord(Operation operation) {
    return operation == Operation.INSERT ? nextNewRecord.getAndIncrement() : keys.next(random);
  }

  /** Puts the request for {@code step} on {@code record} into {@code out}. */
  void write(Step step, long record, ByteBuffer out) {
    Template template = template(step);
    if (step == Step.BATCH_WRITE || step == Step.BATCH_GET || step == Step.TRANSACT_WRITE) {
      batchKeys(template, record);
    } else {
      key(template, 0, record);
    }
    if (step == Step.QUERY) {
      // Begin low enough for the range to be full.
      int first = random.nextInt(LoadPlan.COLLECTION_ITEMS - plan.rangeLength() + 1);
      template.number(1, first);
    }
    template.letters(random);
    template.write(signer, out);
  }

  /** Puts a BatchWriteItem of the records {@code first}, {@code first + 1}, … for loading. */
  void writeBatchFrom(long first, ByteBuffer out) {
    Template template = template(Step.BATCH_WRITE);
    for (int i = 0; i < plan.batchSize(); i++) {
      key(template, i, first + i);
    }
    template.letters(random);
    template.write(signer, out);
  }

  int sizeMax() {
    return templates.values().stream().mapToInt(Template::sizeMax).max().orElseThrow();
  }

  private Template template(Step step) {
    Template template = templates.get(step);
    if (template == null) {
      throw new IllegalStateException("every step has a template");
    }
    return template;
  }

  /** Distinct records, as a batch must have: a drawn one, and others at a fixed stride from it. */
  private void batchKeys(Template template, long drawn) {
    long stride = Math.max(1, plan.records() / plan.batchSize());
    for (int i = 0; i < plan.batchSize(); i++) {
      key(template, i, (drawn + i * stride) % plan.records());
    }
  }

  private void key(Template template, int index, long record) {
    if (plan.sortKey()) {
      template.number(2 * index, record / LoadPlan.COLLECTION_ITEMS);
      template.number(2 * index + 1, record % LoadPlan.COLLECTION_ITEMS);
    } else {
      template.number(index, record);
    }
  }

  private String body(Step step) {
    String table = "\"TableName\":\"" + plan.table() + "\"";
    String consistent = plan.consistentReads() ? ",\"ConsistentRead\":true" : "";
    String keyObject = "{" + keyMembers() + "}";
    return switch (step) {
      case GET -> "{" + table + ",\"Key\":" + keyObject + consistent + "}";
      case PUT, INSERT -> "{" + table + ",\"Item\":" + item() + "}";
      case UPDATE ->
          "{"
              + table
              + ",\"Key\":"
              + keyObject
              + ",\"UpdateExpression\":\"SET field0 = :v\",\"ExpressionAttributeValues\":{\":v\":{"
              + fieldValue()
              + "}}}";
      case QUERY ->
          "{"
              + table
              + ",\"KeyConditionExpression\":\"pk = :p AND sk >= :s\",\"Limit\":"
              + plan.rangeLength()
              + consistent
              + ",\"ExpressionAttributeValues\":{\":p\":{\"S\":\"user"
              + DIGITS
              + "\"},\":s\":{\"S\":\"item"
              + SORT_DIGITS
              + "\"}}}";
      case BATCH_WRITE ->
          "{\"RequestItems\":{\""
              + plan.table()
              + "\":["
              + repeated(i -> "{\"PutRequest\":{\"Item\":" + item() + "}}")
              + "]}}";
      case BATCH_GET ->
          "{\"RequestItems\":{\""
              + plan.table()
              + "\":{\"Keys\":["
              + repeated(i -> keyObject)
              + "]"
              + consistent
              + "}}}";
      case TRANSACT_WRITE ->
          "{\"TransactItems\":["
              + repeated(i -> "{\"Put\":{" + table + ",\"Item\":" + item() + "}}")
              + "]}";
    };
  }

  private String repeated(IntFunction<String> element) {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < plan.batchSize(); i++) {
      list.append(i == 0 ? "" : ",").append(element.apply(i));
    }
    return list.toString();
  }

  private String keyMembers() {
    return "\"pk\":{\"S\":\"user"
        + DIGITS
        + "\"}"
        + (plan.sortKey() ? ",\"sk\":{\"S\":\"item" + SORT_DIGITS + "\"}" : "");
  }

  private String item() {
    StringBuilder item = new StringBuilder("{").append(keyMembers());
    for (int i = 0; i < plan.attributes(); i++) {
      item.append(",\"field").append(i).append("\":{").append(fieldValue()).append('}');
    }
    return item.append('}').toString();
  }

  /** Letters that do not compress well, eight of which change with each use. */
  private String fieldValue() {
    int length = plan.itemBytes() / plan.attributes();
    StringBuilder value = new StringBuilder("\"S\":\"").append(LETTERS);
    for (int i = LETTERS.length(); i < length; i++) {
      value.append((char) ('a' + random.nextInt(26)));
    }
    return value.append('"').toString();
  }
}
